import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudInit } from "../../lab/artifacts/cloud-init";
import { pythonEnvironment } from "../../lab/artifacts/python-environment";
import type { Block } from "./resources";

const silent = (): void => undefined;

async function read(kind: "toml" | "mime", text: string): Promise<unknown> {
  const { python } = await pythonEnvironment(silent);
  return JSON.parse(execFileSync(python, [join(__dirname, "user_data.py"), kind], { input: text, encoding: "utf8" }));
}

/** What Bottlerocket reads. */
export const bottlerocket = async (text: string): Promise<Block> => (await read("toml", text)) as Block;

/** The parts of a MIME archive by their types. */
export const mime = async (text: string): Promise<[type: string, content: Block][]> =>
  (await read("mime", text)) as [string, Block][];

/** What cloud-init says of a cloud-config. */
export async function cloudConfigVerdict(text: string): Promise<{ status: number | null; said: string }> {
  const packages = await cloudInit((line) => void process.stderr.write(`${line}\n`));
  const { python } = await pythonEnvironment(silent);
  const folder = mkdtempSync(join(tmpdir(), "cloud-config-"));
  try {
    writeFileSync(join(folder, "user-data"), text);
    const args = ["-m", "cloudinit.cmd.main", "schema", "--config-file", "user-data"];
    const env = { PATH: process.env["PATH"], PYTHONPATH: packages };
    const { status, stdout, stderr } = spawnSync(python, args, { cwd: folder, env, encoding: "utf8" });
    return { status, said: `${stdout}${stderr}`.trim() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
