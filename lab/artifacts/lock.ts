import { createHash } from "node:crypto";
import type { Server } from "node:net";
import { createServer } from "node:net";
import { cacheFolder } from "../cache";
import type { Log } from "./command";

/** As long as the longest work may take: a build of Kubernetes on a busy machine. */
const waitSeconds = 60 * 60;
const askAgainMilliseconds = 500;

/** Does the work while no other process of this machine does work of the same name on this cache. */
export async function withLock<T>(name: string, log: Log, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(name, log);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/**
 * The lock is an address that one process at a time can listen on. The kernel gives it back when the process ends,
 * however it ends, so nothing stale is ever left behind. The leading zero keeps it out of the file system.
 */
async function takeLock(name: string, log: Log): Promise<Server> {
  // A hash, since an address has room for some hundred characters alone.
  const address = `\0cdktf-aws-kubernetes-${createHash("sha256").update(`${cacheFolder} ${name}`).digest("hex")}`;
  const end = Date.now() + waitSeconds * 1000;
  for (let told = false; ; told = true) {
    const server = await listen(address);
    if (server) return server;
    if (Date.now() > end)
      throw new Error(`another process has been at work on ${name} for ${waitSeconds / 60} minutes`);
    if (!told) log(`another process is at work on ${name}; waiting for it`);
    await new Promise((resolve) => setTimeout(resolve, askAgainMilliseconds));
  }
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}
