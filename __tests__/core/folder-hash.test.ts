import { chmodSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderHash } from "../../constructs/core/folder-hash";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-"));
  mkdirSync(join(folder, "steps"));
  writeFileSync(join(folder, "run.sh"), "step files\n");
  writeFileSync(join(folder, "steps", "files.sh"), "put\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("is 32 hexadecimal digits", () => {
  expect(folderHash(folder)).toMatch(/^[0-9a-f]{32}$/);
});

test("is the same for a copy of the folder elsewhere (FT-49)", () => {
  const copy = mkdtempSync(join(tmpdir(), "copy-"));
  cpSync(folder, copy, { recursive: true });

  expect(folderHash(copy)).toBe(folderHash(folder));
  rmSync(copy, { recursive: true });
});

test.each([
  ["a file's content changes", () => writeFileSync(join(folder, "run.sh"), "step binaries\n")],
  ["a file below a folder changes", () => writeFileSync(join(folder, "steps", "files.sh"), "")],
  ["a file is renamed", () => renameSync(join(folder, "run.sh"), join(folder, "go.sh"))],
  ["a folder is renamed", () => renameSync(join(folder, "steps"), join(folder, "parts"))],
  ["a file moves to another folder", () => renameSync(join(folder, "steps", "files.sh"), join(folder, "files.sh"))],
  ["a file is added", () => writeFileSync(join(folder, "more.sh"), "")],
  ["a file is removed", () => rmSync(join(folder, "steps", "files.sh"))],
])("changes when %s (FT-49)", (_, change) => {
  const before = folderHash(folder);
  change();

  expect(folderHash(folder)).not.toBe(before);
});

test("stays when only a file's mode changes, which no upload carries", () => {
  const before = folderHash(folder);
  chmodSync(join(folder, "run.sh"), 0o755);

  expect(folderHash(folder)).toBe(before);
});
