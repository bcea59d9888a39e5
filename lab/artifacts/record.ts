import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cached } from "../cache";

/** How an artifact came to be on this machine. */
export type Source = "downloaded" | "built" | "copied" | "installed";

export interface RecordedFile {
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
  readonly sha256: string;
}

/**
 * What is written beside the artifacts when one is complete. It is the last thing written, so an artifact without a
 * record, with another key or with changed files is made again.
 */
export interface ArtifactRecord {
  readonly key: string;
  readonly source: Source;
  readonly seconds: number;
  /** How it differs from the publisher's artifact of this name and version. */
  readonly standIn?: string;
  readonly files: readonly RecordedFile[];
}

/** One short name for everything that an artifact depends on. */
export function keyOf(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/** Writes through a neighbour and renames, so that nobody ever reads half a file. */
export async function writeWhole(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const neighbour = `${path}.new-${process.pid}`;
  await writeFile(neighbour, content, { mode });
  await rename(neighbour, path);
}

/** An empty folder of this process for work in progress; on the cache's disk, so that a rename out of it is atomic. */
export async function workFolder(name: string): Promise<string> {
  const folder = cached("work", `${name}-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Removes the work folders of this process and of those that are gone. */
export async function sweepWork(): Promise<void> {
  for (const name of await readdir(cached("work")).catch(() => [])) {
    const owner = Number(/-(\d+)$/.exec(name)?.[1]);
    if (owner !== process.pid && isRunning(owner)) continue;
    await rm(cached("work", name), { recursive: true, force: true });
  }
}

function isRunning(identifier: number): boolean {
  try {
    return process.kill(identifier, 0);
  } catch (error) {
    // Of another user, and so there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Moves a finished file to its place. */
export async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}

function recordFile(name: string): string {
  return cached("records", `${name.replace(/[^A-Za-z0-9.-]+/g, "-")}.json`);
}

/** The record of a complete and unchanged artifact that was made by one of these keys, or nothing. */
export async function findRecord(name: string, keys: readonly string[]): Promise<ArtifactRecord | undefined> {
  let record: ArtifactRecord;
  try {
    record = JSON.parse(await readFile(recordFile(name), "utf8")) as ArtifactRecord;
  } catch {
    return undefined;
  }
  if (!keys.includes(record.key)) return undefined;
  for (const file of record.files) {
    // Size and time are compared, not the content: hashing 600 MB at every start would cost seconds.
    const now = await stat(cached(file.path)).catch(() => undefined);
    if (!now || now.size !== file.bytes || Math.floor(now.mtimeMs) !== file.modified) return undefined;
  }
  return record;
}

/** Records an artifact whose files (paths below the cache) are in place. */
export async function writeRecord(
  name: string,
  record: Omit<ArtifactRecord, "files">,
  paths: readonly string[],
): Promise<ArtifactRecord> {
  const files: RecordedFile[] = [];
  for (const path of paths) {
    const now = await stat(cached(path));
    files.push({
      path,
      bytes: now.size,
      modified: Math.floor(now.mtimeMs),
      sha256: await sha256OfFile(cached(path)),
    });
  }
  const complete = { ...record, files };
  await writeWhole(recordFile(name), `${JSON.stringify(complete, undefined, 2)}\n`);
  return complete;
}

/** The content of a module of ours, so that a change of it makes another artifact. */
export async function contentsOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
}

export async function exists(...names: string[]): Promise<boolean> {
  return stat(join(...names)).then(
    () => true,
    () => false,
  );
}
