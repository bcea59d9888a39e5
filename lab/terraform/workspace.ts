import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The clone: everything that users get lies in here. */
export const projectFolder = resolve(__dirname, "..", "..");

/** Where a cluster of this clone keeps what it made: Terraform's folder and state, kubeconfig, SSH key. */
export const labFolder = join(projectFolder, ".lab");

/** Whose a lab is that tests start: not the clone's own, so that npm start never builds in it. */
export const testsOwner = join(projectFolder, "__tests__");

/** A synthesised stack as Terraform reads it. */
export interface StackJson {
  readonly resource: Readonly<
    Record<string, Readonly<Record<string, { readonly "//": { readonly metadata: { readonly path: string } } }>>>
  >;
}

/**
 * Synthesises `app` and lays its stack, byte for byte, into `folder`; a state that lies there stays.
 *
 * @throws Error with what the app printed, when it refuses.
 */
export function synthesise(
  stack: string,
  folder: string,
  app = join(projectFolder, "main.ts"),
  environment: Readonly<Record<string, string>> = {},
): StackJson {
  const output = mkdtempSync(join(tmpdir(), "cdktf-out-"));
  try {
    const tsx = join(projectFolder, "node_modules", "tsx", "dist", "cli.mjs");
    const { status, stderr, stdout } = spawnSync(process.execPath, [tsx, app], {
      cwd: dirname(app),
      env: { ...process.env, ...environment, CDKTF_OUTDIR: output },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`synthesis of ${stack} failed:\n${stderr || stdout}`);
    const made = join(output, "stacks", stack);
    if (!existsSync(made)) throw new Error(`${app} has no stack '${stack}'`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    rmSync(join(folder, "assets"), { recursive: true, force: true });
    cpSync(made, folder, { recursive: true });
    return JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as StackJson;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
