import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const REPOSITORY = join(__dirname, "..", "..");

/** Writes the modules into `folder`, as `npm run modules` does. */
export async function writeModules(folder: string): Promise<void> {
  const tsx = join(REPOSITORY, "node_modules", "tsx", "dist", "cli.mjs");
  await promisify(execFile)(process.execPath, [tsx, join(REPOSITORY, "modules.ts"), folder]);
}
