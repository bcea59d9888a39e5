import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pythonEnvironment } from "./artifacts/python-environment";
import { cacheFolder } from "./cache";
import { describe, findLeftovers, isNothing, removeLeftovers, stateFolder } from "./machines/leftovers";
import { projectFolder } from "./terraform/workspace";
import { startDaemon, untilReady } from "./vpc/daemon";
import { labOwner, status } from "./vpc/status";

export { labOwner, status, LabStatus, MachineStatus } from "./vpc/status";

export type Log = (line: string) => void;

const region = "us-east-1";
const mirrorUrl = "http://mirror.lab";
const programs = [
  ...["ip", "nft", "iptables-legacy", "dnsmasq"],
  ...["systemd-nspawn", "mmdebstrap", "nsenter", "unshare", "mount"],
];

/** Starts the lab of `owner`, a folder: an AWS account without resources. Refuses when anything is in the way. */
export async function up({ owner, log }: { owner: string; log: Log }): Promise<void> {
  refuseWhereItCannotRun();
  refuseWhenSomethingIsInTheWay();
  refuseWithoutPrograms();
  mkdirSync(cacheFolder, { recursive: true });
  try {
    // Made and not merely found: of two that start at once, one gets it.
    mkdirSync(stateFolder);
  } catch {
    throw new Error(`another lab is just being started in ${stateFolder}; end it with: npm run down`);
  }
  const stopListening = onSignal(async (signal) => {
    log(`${signal}: taking the lab down again`);
    await down({ log });
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
  try {
    const { python } = await pythonEnvironment(log);
    await untilReady(startDaemon(python, region, owner), log);
  } finally {
    stopListening();
  }
}

/** Takes away everything that a lab made, in any state; safe to run again. */
export async function down({ log }: { log: Log }): Promise<void> {
  refuseWhereItCannotRun();
  if (!isNothing(findLeftovers())) log(`taking down the lab of ${labOwner() ?? "an unknown owner"}`);
  const left = await removeLeftovers();
  if (!isNothing(left)) throw new Error(`the lab is not wholly gone: ${describe(left)} would not go`);
  log("the lab is down");
}

/** What Terraform and the AWS SDKs need to use the lab; the caller adds TF_VAR_checksums. */
export function environment(): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: "http://198.18.0.2:5000",
    // A token of EKS is a signed URL of STS, and EKS takes none of another name.
    AWS_ENDPOINT_URL_STS: `https://sts.${region}.amazonaws.com`,
    AWS_CA_BUNDLE: join(stateFolder, "aws", "ca.crt"),
    AWS_ACCESS_KEY_ID: "lab",
    AWS_SECRET_ACCESS_KEY: "lab",
    AWS_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    // The lab's internet has no way out, and so no proxy.
    NO_PROXY: "*",
    no_proxy: "*",
    TF_VAR_region: region,
    TF_VAR_download_mirror: mirrorUrl,
    TF_VAR_image_mirror: mirrorUrl,
    TF_VAR_package_mirror: `${mirrorUrl}/deb.debian.org/debian`,
    TF_VAR_admin_cidrs: JSON.stringify(["198.18.0.1/32"]),
    TF_VAR_ssh_address: "public",
  };
}

/** A command as the operator runs it: on the lab's internet, with its names. */
export function operatorCommand(argv: readonly string[]): string[] {
  return ["ip", "netns", "exec", "lab-internet", ...argv];
}

function refuseWhereItCannotRun(): void {
  if (process.platform !== "linux") throw new Error(`the lab needs Linux, and this is ${process.platform}`);
  if (process.getuid?.() !== 0) throw new Error("the lab makes network namespaces and machines; run it as root");
}

/** @throws Error that names the lab, or what is left of one, that no other can start beside. */
export function refuseWhenSomethingIsInTheWay(): void {
  const running = status();
  if (running && running.phase !== "dead") {
    throw new Error(
      `the lab of ${running.owner} already runs (process ${running.pid}), and a machine has one; end it with: npm run down`,
    );
  }
  const left = findLeftovers();
  if (!isNothing(left)) throw new Error(`a former lab is in the way: ${describe(left)}; remove it with: npm run down`);
}

function refuseWithoutPrograms(): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length > 0) throw new Error(`the lab needs ${missing.join(", ")}; run: npx tsx lab/artifacts/prepare.ts`);
}

function isInstalled(program: string): boolean {
  return [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Handles the two signals that end a command until the returned function is called. */
function onSignal(work: (signal: NodeJS.Signals) => Promise<void>): () => void {
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
  let begun = false;
  const handler = (signal: NodeJS.Signals): void => {
    if (begun) return;
    begun = true;
    work(signal).catch((error: Error) => {
      process.stderr.write(`error: ${error.message}\n`);
      process.exit(1);
    });
  };
  for (const signal of signals) process.on(signal, handler);
  return () => signals.forEach((signal) => process.off(signal, handler));
}

async function main([action, ...rest]: string[]): Promise<void> {
  const log: Log = (line) => process.stderr.write(`${line}\n`);
  if (action === "up") return up({ owner: projectFolder, log });
  if (action === "down") return down({ log });
  if (action === "status") {
    const now = status();
    process.stdout.write(now ? `${JSON.stringify(now, undefined, 2)}\n` : "no lab runs\n");
    process.exitCode = now && !now.problem ? 0 : 1;
    return;
  }
  if (action === "exec" && rest.length > 0) {
    if (status()?.phase !== "ready") throw new Error("no lab runs; start one with: npx tsx lab/lab.ts up");
    const [program = "", ...args] = operatorCommand(rest[0] === "--" ? rest.slice(1) : rest);
    const done = spawnSync(program, args, { stdio: "inherit", env: { ...process.env, ...environment() } });
    process.exitCode = done.status ?? 1;
    return;
  }
  throw new Error("usage: npx tsx lab/lab.ts up | down | status | exec -- command…");
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  });
}
