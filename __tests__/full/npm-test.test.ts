import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../lab/terraform/workspace";
import { Clone } from "../support/clone";
import { asWritten } from "../support/page-commands";

// npm test and its like, as the pages have them, in a clone that has one test in each tier.
const clone = new Clone();
const TIERS = ["core", "terraform", "lab", "terraform/long", "lab/long", "full"];

function write(folder: string, result: string): void {
  const file = join(clone.folder, "__tests__", folder, "one.test.ts");
  writeFileSync(file, `test("the one of ${folder}", () => {\n  expect("${result}").toBe("right");\n});\n`);
}
function run(command: string): { readonly status: number | null; readonly tiers: string[]; readonly last: string } {
  const ended = spawnSync("bash", ["-c", command], { cwd: clone.folder, encoding: "utf8", timeout: 600_000 });
  const lines = ended.stdout.trim().split("\n");
  const tiers = lines.flatMap((line) => /tier (\S+): \d+ passed/.exec(line)?.[1] ?? []);
  return { status: ended.status, tiers, last: lines.at(-1)! };
}
const QUICK = ["types", "lint", "shellcheck", "unit", "terraform", "lab"];

beforeAll(() => {
  // The clone's packages are this one's: what npm test would install there has to be here.
  execFileSync(process.execPath, [join(projectFolder, "lab", "commands", "install.mjs")], { stdio: "inherit" });
  const tests = join(clone.folder, "__tests__");
  for (const name of readdirSync(tests, { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".test.ts")) rmSync(join(tests, name));
  for (const folder of TIERS) write(folder, "right");
});
afterAll(() => clone.remove());

test.each([
  [asWritten("npm test"), QUICK],
  [asWritten("npm run test:full"), [...QUICK, "terraform-long", "lab-long", "full"]],
])(
  "%s runs its tiers in order, and says how many tests passed (FT-95)",
  (command, tiers) => {
    expect(run(command)).toEqual({ status: 0, tiers, last: `${tiers.length} passed, 0 failed` });
  },
  600_000,
);

test("a test that fails ends it there, with 1 (FT-95)", () => {
  write("core", "wrong");

  expect(run("npm test")).toEqual({ status: 1, tiers: QUICK.slice(0, 4), last: "3 passed, 1 failed" });
}, 600_000);
