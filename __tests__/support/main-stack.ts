import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const REPOSITORY = join(__dirname, "..", "..");

/** Runs main.ts as `npm run synth` does, started in `from`. Gives the folder that Terraform runs in, below `outdir`. */
export async function synthMain(
  outdir: string,
  from = REPOSITORY,
  environment: Readonly<Record<string, string>> = {},
  stack = "hard-way",
): Promise<string> {
  const tsx = join(REPOSITORY, "node_modules", "tsx", "dist", "cli.mjs");
  await promisify(execFile)(process.execPath, [tsx, join(REPOSITORY, "main.ts")], {
    cwd: from,
    env: { ...process.env, CDKTF_OUTDIR: outdir, ...environment },
  });
  return join(outdir, "stacks", stack);
}
