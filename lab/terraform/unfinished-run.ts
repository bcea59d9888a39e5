import type { ChildProcess } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const note = (folder: string): string => join(folder, "unfinished.pid");

/**
 * Leaves a note in Terraform's folder until Terraform has ended by itself. It writes its state every now and then and at
 * its end: when it is killed, the state lacks what it built last, and no later apply can know.
 */
export function noteWhileItRuns(folder: string, terraform: ChildProcess): void {
  writeFileSync(note(folder), String(process.pid));
  terraform.on("close", (code) => {
    if (code !== null) rmSync(note(folder), { force: true });
  });
}

/**
 * Whether the last apply or destroy in a folder was killed.
 *
 * @throws Error while one still runs.
 */
export function wasCutOff(folder: string): boolean {
  let pid: number;
  try {
    pid = Number(readFileSync(note(folder), "utf8"));
  } catch {
    return false;
  }
  if (pid !== process.pid && isAlive(pid))
    throw new Error(`process ${pid} is applying this cluster already; wait for it, or end it with: npm run down`);
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
