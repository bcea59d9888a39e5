import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonEnvironment } from "../artifacts/python-environment";

/** The AWS API of the lab on the loopback: it answers plans, and runs no machine. */
export interface LoopbackApi {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the API at a free port and waits until it answers.
 *
 * @throws Error with what the API printed, when it ends or is silent for a minute.
 */
export async function loopbackApi(log: (line: string) => void): Promise<LoopbackApi> {
  const { python } = await pythonEnvironment(log);
  const machines = mkdtempSync(join(tmpdir(), "aws-api-"));
  const port = await freePort();
  const server = join(__dirname, "server.py");
  const child = spawn(python, [server, "127.0.0.1", String(port), machines], {
    // Compiled files come and go beside the sources, which others may be copying.
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(machines, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null;) {
    if (await answers(`${url}/lab/generation`)) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`the AWS API does not answer at ${url}:\n${said}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
