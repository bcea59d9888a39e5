import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const REPOSITORY = join(__dirname, "..", "..");

/**
 * Runs `npm run modules` with these arguments, and with variables where they come first.
 * @throws Error with what it said, when it fails
 */
export async function modules(
  ...[first, ...rest]: readonly [string | Readonly<Record<string, string>>, ...string[]]
): Promise<string> {
  const tsx = join(REPOSITORY, "node_modules", "tsx", "dist", "cli.mjs");
  const [variables, args] = typeof first === "string" ? [{}, [first, ...rest]] : [first, rest];
  const env = { ...process.env, ...variables };
  const { stdout } = await promisify(execFile)(process.execPath, [tsx, join(REPOSITORY, "modules.ts"), ...args], {
    env,
  });
  return stdout;
}
