import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { debianFolder } from "../artifacts/debian-packages";
import { nodePrograms } from "../artifacts/release-files";
import { squidFolder } from "../artifacts/squid";
import { cached, cacheFolder } from "../cache";
import { imageFolder } from "../machines/image";
import { namespaceFolder, settingsFile, stateFolder } from "../machines/leftovers";
import { proxyUser } from "./office";
import { status } from "./status";

/** Making the image takes a minute on a quiet machine; everything else takes seconds. */
const readySeconds = 15 * 60;

const lab = join(__dirname, "..");

/** The process that is the lab, and how it ended if it did. */
export interface Daemon {
  ended: string | undefined;
}

/** Starts the lab's process; it outlives this one. */
export function startDaemon(python: string, region: string, owner: string): Daemon {
  const folders = ["--folder", cacheFolder, "--debian", debianFolder];
  const mirror = [python, join(lab, "artifacts", "mirror.py"), "--listen", "198.18.0.10:80", ...folders];
  // What it serves may still be in the making.
  mkdirSync(cached("mirror"), { recursive: true });
  const settings = {
    owner,
    state: stateFolder,
    hadNamespaceFolder: existsSync(namespaceFolder),
    image: imageFolder(),
    region,
    mirror,
    releases: nodePrograms(),
    squid: squidFolder,
    proxy_user: proxyUser,
  };
  writeFileSync(settingsFile, JSON.stringify(settings, undefined, 2));
  const output = openSync(join(stateFolder, "lab.log"), "a");
  const child = spawn(python, [join(__dirname, "lab.py"), settingsFile], {
    detached: true,
    stdio: ["ignore", output, output],
    env: {
      ...process.env,
      PATH: [process.env.PATH, "/usr/sbin", "/sbin"].filter(Boolean).join(delimiter),
      PYTHONPATH: ["machines", "load-balancers", "eks", "aws"].map((folder) => join(lab, folder)).join(delimiter),
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONUNBUFFERED: "1",
    },
  });
  const daemon: Daemon = { ended: undefined };
  child.on("error", (error) => (daemon.ended = error.message));
  child.on("exit", (code, signal) => (daemon.ended = `exit ${code ?? signal}`));
  child.unref();
  return daemon;
}

/** Tells each phase until the lab follows its API. */
export async function untilReady(daemon: Daemon, log: (line: string) => void): Promise<void> {
  const end = Date.now() + readySeconds * 1000;
  let phase = "";
  while (Date.now() < end) {
    const now = status();
    if (now && now.phase !== phase) log((phase = now.phase));
    if (now?.phase === "ready") return;
    if (daemon.ended || now?.phase === "failed" || now?.phase === "dead") {
      const tail = readFileSync(join(stateFolder, "lab.log"), "utf8").trimEnd().split("\n").slice(-15).join("\n");
      throw new Error(`the lab did not start (${now?.problem ?? daemon.ended}); its log ends:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the lab was not ready after ${readySeconds} s; see ${join(stateFolder, "lab.log")}`);
}
