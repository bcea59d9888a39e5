import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Everything the lab makes or downloads lies here and nowhere in the clone, so that a fresh clone finds it again
 * and a CI job can keep the one folder between runs.
 */
export const cacheFolder: string = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "cdktf-aws-kubernetes",
);

/** A path below the cache. */
export function cached(...names: string[]): string {
  return join(cacheFolder, ...names);
}
