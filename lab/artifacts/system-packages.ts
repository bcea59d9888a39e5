import type { Log } from "./command";
import { command } from "./command";
import type { Row } from "./artifact";
import { withLock } from "./lock";

interface SystemPackage {
  readonly name: string;
  readonly reason: string;
  /** A command that succeeds where something else than this package already gives what the lab needs. */
  readonly provided?: readonly [program: string, ...args: string[]];
}

/** What the lab runs on this machine, by Debian's (and Ubuntu's) names. */
const packages: readonly SystemPackage[] = [
  { name: "systemd-container", reason: "systemd-nspawn boots the machines" },
  { name: "mmdebstrap", reason: "makes the machines' file system" },
  { name: "debian-archive-keyring", reason: "the keys that Debian signs its packages with" },
  { name: "gpgv", reason: "verifies Debian's signature" },
  { name: "busybox-static", reason: "the shell inside of the test image" },
  { name: "iptables", reason: "address translation of routers, and the source/destination check" },
  { name: "nftables", reason: "security groups" },
  { name: "iproute2", reason: "network namespaces and links" },
  { name: "conntrack", reason: "looks at and ends connections in a router" },
  { name: "dnsmasq-base", reason: "name servers of the VPCs" },
  { name: "dnsutils", reason: "asks the name servers" },
  { name: "iputils-ping", reason: "reachability checks" },
  { name: "openssh-client", reason: "the operator's SSH" },
  { name: "curl", reason: "downloads" },
  { name: "ca-certificates", reason: "downloads" },
  { name: "gcc", reason: "builds runc and the pause program" },
  { name: "libc6-dev", reason: "builds runc and the pause program" },
  { name: "libseccomp-dev", reason: "builds runc" },
  { name: "pkg-config", reason: "builds runc" },
  {
    name: "python3-venv",
    reason: "the environment of the AWS API",
    provided: ["python3", "-c", "import venv, ensurepip"],
  },
];

/** Installs what is missing. The machine keeps these packages: they are the one thing outside of the cache. */
export async function systemPackages(log: Log): Promise<Row> {
  const started = Date.now();
  const row = (source: Row["source"], note: string): Row => {
    return { name: "system packages", version: "", source, note, seconds: (Date.now() - started) / 1000 };
  };
  if ((await missingPackages()).length === 0) return row("cached", "installed");
  return withLock("system packages", log, async () => row("installed", (await install(log)).join(" ")));
}

/** @returns the names of what another process has not installed meanwhile. */
async function install(log: Log): Promise<string[]> {
  const missing = await missingPackages();
  const names = missing.map(({ name }) => name);
  if (names.length === 0) return names;
  if (process.getuid?.() !== 0) {
    throw new Error(`the lab needs packages that only root can install: sudo apt-get install ${names.join(" ")}`);
  }
  for (const { name, reason } of missing) log(`system package ${name} is missing: ${reason}`);
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  const say = (line: string): void => {
    if (/^(Setting up|E:|W:|Err)/.test(line)) log(`system packages: ${line}`);
  };
  await command("apt-get", ["update", "--quiet"], { environment, log: say });
  const settings = ["--yes", "--quiet", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"];
  await command("apt-get", ["install", ...settings, ...names], { environment, log: say });
  return names;
}

async function missingPackages(): Promise<SystemPackage[]> {
  const format = "${Package} ${db:Status-Status}\\n";
  const listed = await command("dpkg-query", ["--show", "--showformat", format]).catch(() => {
    throw new Error("the lab runs on Debian 12 and its relatives: dpkg-query was not found");
  });
  const installed = new Set(
    listed.split("\n").flatMap((line) => (line.endsWith(" installed") ? [line.split(" ")[0] ?? ""] : [])),
  );
  const missing: SystemPackage[] = [];
  for (const wanted of packages) {
    if (installed.has(wanted.name) || (wanted.provided && (await succeeds(wanted.provided)))) continue;
    missing.push(wanted);
  }
  return missing;
}

async function succeeds([program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  return command(program, args).then(
    () => true,
    () => false,
  );
}
