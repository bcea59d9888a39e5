import { execFileSync } from "node:child_process";
import { type Dirent, existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, cached } from "../cache";

/** What a lab has put on this machine. Everything is found by looking, not by remembering: a lab may have died anyhow. */
export interface Leftovers {
  readonly processes: readonly number[];
  /** Processes of others in the lab's network: the operator's Terraform and SSH, which outlive an interrupted command. */
  readonly visitors: readonly number[];
  readonly cgroups: readonly string[];
  readonly namespaces: readonly string[];
  readonly mounts: readonly string[];
  readonly files: readonly string[];
}

export const stateFolder = cached("lab");
/** The lab's process is told its settings by this file, and known by it. */
export const settingsFile = join(stateFolder, "settings.json");

const cgroupName = "lab-account";
export const namespaceFolder = "/run/netns";
/** The only names that the lab gives: the internet, the office, routers, machines, load balancers' nodes, NAT gateways, EKS control planes and endpoints of Route 53 Resolver. */
const namespaceName = /^lab-(internet|office|[0-9a-f]{8}|i-[0-9a-f]{8,17}|(nlb|nat|eks|dns)-[0-9a-f]{12})$/;
const resolverFolders = ["/etc/netns/lab-internet", "/etc/netns/lab-office"];

export function findLeftovers(): Leftovers {
  const cgroups = findCgroups("/sys/fs/cgroup", 6);
  const processes = [...new Set([...processesOf(cgroups), ...daemons()])];
  const namespaces = list(namespaceFolder).flatMap(({ name }) => (namespaceName.test(name) ? [name] : []));
  return {
    processes,
    visitors: processesIn(namespaces).filter((pid) => !processes.includes(pid)),
    cgroups,
    namespaces,
    mounts: mountsBelow([stateFolder, cached("rootfs-")]),
    files: [stateFolder, ...resolverFolders, ...halfImages()].filter((path) => existsSync(path)),
  };
}

export function isNothing(found: Leftovers): boolean {
  return Object.values(found).every((list: readonly unknown[]) => list.length === 0);
}

/** One line that names what is there. */
export function describe(found: Leftovers): string {
  return Object.entries(found)
    .filter(([, items]: [string, readonly unknown[]]) => items.length > 0)
    .map(([kind, items]: [string, readonly unknown[]]) => {
      const shown = items.slice(0, 3).join(" ");
      return `${items.length} ${kind} (${shown}${items.length > 3 ? " …" : ""})`;
    })
    .join(", ");
}

/** Takes everything away, in whatever state it is. Returns what would not go. */
export async function removeLeftovers(): Promise<Leftovers> {
  const end = Date.now() + 30_000;
  const madeNamespaceFolder = read(settingsFile).includes('"hadNamespaceFolder": false');
  await endVisitors();
  let found = findLeftovers();
  while (!isNothing(found) && Date.now() < end) {
    // First the processes: they hold everything else, and some of them would make it again.
    const processes = [...found.processes, ...found.visitors];
    for (const pid of processes) ignore(() => process.kill(pid, "SIGKILL"));
    if (processes.length === 0) {
      for (const mount of [...found.mounts].reverse()) ignore(() => run("umount", "--lazy", mount));
      for (const name of found.namespaces) ignore(() => run("ip", "netns", "del", name));
      for (const cgroup of found.cgroups) ignore(() => removeCgroup(cgroup));
      if (found.mounts.length === 0) {
        for (const file of found.files) ignore(() => rmSync(file, { recursive: true, force: true }));
      }
    }
    const left = findLeftovers();
    // Killed processes take a moment to be gone; the loop's bound is the clock above.
    if (!isNothing(left)) await new Promise((resolve) => setTimeout(resolve, 20));
    found = left;
  }
  ignore(() => rmdirSync("/etc/netns"));
  if (madeNamespaceFolder && list(namespaceFolder).length === 0) {
    // ip(8) mounts the folder on itself when it adds the first namespace.
    ignore(() => run("umount", namespaceFolder));
    ignore(() => rmdirSync(namespaceFolder));
  }
  return found;
}

/** Lets others' processes end in their own way while the lab still answers them; who does not is killed with the rest. */
async function endVisitors(): Promise<void> {
  const end = Date.now() + 5000;
  const asked = new Set<number>();
  for (let found = findLeftovers().visitors; found.length > 0 && Date.now() < end; found = findLeftovers().visitors) {
    for (const pid of found) if (!asked.has(pid)) ignore(() => process.kill(pid, "SIGTERM"));
    found.forEach((pid) => asked.add(pid));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function findCgroups(folder: string, depth: number): string[] {
  if (depth === 0) return [];
  return list(folder).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const path = join(folder, entry.name);
    return entry.name === cgroupName ? [path] : findCgroups(path, depth - 1);
  });
}

function processesOf(cgroups: readonly string[]): number[] {
  const found = new Set<number>();
  const look = (folder: string): void => {
    for (const line of read(join(folder, "cgroup.procs")).split("\n")) if (line) found.add(Number(line));
    for (const entry of list(folder)) if (entry.isDirectory()) look(join(folder, entry.name));
  };
  cgroups.forEach(look);
  return [...found];
}

/** The lab's own process before it is in its cgroup, which takes it a moment. */
function daemons(): number[] {
  return list("/proc").flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    return read(`/proc/${name}/cmdline`).split("\0").includes(settingsFile) ? [Number(name)] : [];
  });
}

/** Whatever uses one of these network namespaces, but for this process and those that it runs for. */
function processesIn(namespaces: readonly string[]): number[] {
  const wanted = new Set(namespaces.map((name) => identity(join(namespaceFolder, name))));
  wanted.delete(undefined);
  if (wanted.size === 0) return [];
  const own = ancestors();
  return list("/proc").flatMap(({ name }) => {
    if (!/^\d+$/.test(name) || own.has(Number(name))) return [];
    return wanted.has(identity(`/proc/${name}/ns/net`)) ? [Number(name)] : [];
  });
}

/** What tells one namespace from another; of a process that has ended there is none. */
function identity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** This process, its parent and so on: a shell of the lab's network may well be where `down` is typed. */
function ancestors(): ReadonlySet<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid);) {
    found.add(pid);
    pid = Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  }
  return found;
}

/** Innermost first: a cgroup goes only when it is empty. */
function removeCgroup(folder: string): void {
  for (const entry of list(folder)) if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
  rmdirSync(folder);
}

function mountsBelow(prefixes: readonly string[]): string[] {
  return read("/proc/self/mounts")
    .split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replaceAll("\\040", " "))
    .filter((path) => prefixes.some((prefix) => path.startsWith(prefix)));
}

/** An image whose making was cut off. */
function halfImages(): string[] {
  return list(cacheFolder).flatMap(({ name }) => (/^rootfs-.*\.new-\d+$/.test(name) ? [join(cacheFolder, name)] : []));
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Whatever could not be removed is found again by the next look, which is what counts. */
function ignore(step: () => unknown): void {
  try {
    step();
  } catch {
    return;
  }
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: "ignore" });
}
