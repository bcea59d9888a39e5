import type { Log } from "./command";
import { withLock } from "./lock";
import type { ArtifactRecord, Source } from "./record";
import { findRecord, writeRecord } from "./record";

/** A row of the table that prepare prints. */
export interface Row {
  readonly name: string;
  readonly version: string;
  /** Where it came from in this run. */
  readonly source: Source | "cached";
  /** Where the cached one came from, and what it is not. */
  readonly note: string;
  readonly seconds: number;
}

export interface Made {
  readonly source: Source;
  /** How it differs from the publisher's artifact of this name and version. */
  readonly standIn?: string;
  /** Paths below the cache of everything that the artifact consists of. */
  readonly paths: readonly string[];
}

export interface Recipe {
  readonly name: string;
  readonly version: string;
  /** Name of its record, where several versions are kept beside each other. @default - the artifact's name */
  readonly record?: string;
  /** What the artifact depends on, for each way to come by it. One that is in the cache by any of them is used. */
  readonly keys: Partial<Record<Source, string>>;
  readonly make: (log: Log) => Promise<Made>;
}

export interface Result {
  readonly row: Row;
  readonly record: ArtifactRecord;
}

/** Takes an artifact from the cache, or makes and records it; what another process is making is waited for. */
export async function obtain(recipe: Recipe, log: Log): Promise<Result> {
  const started = process.hrtime.bigint();
  const seconds = (): number => Number(process.hrtime.bigint() - started) / 1e9;
  const { name, version, keys, record: recordName = name } = recipe;
  return (await cached()) ?? withLock(recordName, log, async () => (await cached()) ?? make());

  async function cached(): Promise<Result | undefined> {
    const record = await findRecord(recordName, Object.values(keys));
    return record && { record, row: row("cached", record, seconds()) };
  }

  async function make(): Promise<Result> {
    log(`${name} ${version}: not in the cache`);
    const made = await recipe
      .make((line) => log(`${name}: ${line}`))
      .catch((error: Error) => {
        throw new Error(`${name} ${version}: ${error.message}`, { cause: error });
      });
    const key = keys[made.source];
    if (!key) throw new Error(`${name} was ${made.source}, which its recipe has no key for`);
    const record = await writeRecord(
      recordName,
      { key, source: made.source, seconds: seconds(), ...(made.standIn ? { standIn: made.standIn } : {}) },
      made.paths,
    );
    log(`${name} ${version}: ${made.source} in ${seconds().toFixed(1)} s`);
    return { record, row: row(made.source, record, seconds()) };
  }

  function row(source: Row["source"], of: ArtifactRecord, taken: number): Row {
    const notes = [source === "cached" ? of.source : "", of.standIn ?? ""];
    return { name, version, source, note: notes.filter(Boolean).join(", "), seconds: taken };
  }
}
