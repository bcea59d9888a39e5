import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const REPOSITORY = join(__dirname, "..", "..");

/** Runs `npm run modules` with these arguments. @throws Error with what it said, when it fails */
export async function modules(...args: readonly string[]): Promise<string> {
  const tsx = join(REPOSITORY, "node_modules", "tsx", "dist", "cli.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [tsx, join(REPOSITORY, "modules.ts"), ...args]);
  return stdout;
}
