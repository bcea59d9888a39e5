import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { RELEASES, type Release } from "../../constructs/facts/versions";
import { releasePath, type ReleaseFile } from "../../constructs/facts/release-files";
import { prepare } from "../../lab/artifacts/prepare";

/** The flags of a program, as it lists them itself. */
export interface Flags {
  readonly flags: readonly string[];
  readonly deprecated: readonly string[];
}

/** Flags by program, of one version of each. */
export interface FlagTable {
  readonly source: string;
  readonly programs: Readonly<Record<string, Flags>>;
}

const folder = join(__dirname, "..", "scripts", "flags");
const KUBERNETES = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"] as const;

/** The tables that every flag in a unit of this release has to stand in. */
export function tableNames({ kubernetes, etcd, containerd }: Release): Record<string, readonly ReleaseFile[]> {
  return {
    [`kubernetes-${kubernetes}`]: KUBERNETES,
    [`etcd-${etcd}`]: ["etcd"],
    [`containerd-${containerd}`]: ["containerd"],
  };
}

/** A committed table. */
export function flagTable(name: string): FlagTable {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as FlagTable;
}

/** What a program's `--help` lists; a flag that it hides, as programs do with deprecated ones, is none. */
export function flagsOf(program: string): Flags {
  const { stdout, stderr } = spawnSync(program, ["--help"], { encoding: "utf8", maxBuffer: 16 * 1024 * 1024 });
  const entries = `${stdout}${stderr}`.split(/\n(?= {2,8}(?:-[a-z], )?--[a-z])/).slice(1);
  const named = new Map(
    entries.map((entry) => [/--[a-z0-9-]+/.exec(entry)![0], /DEPRECATED: |Deprecated in v/.test(entry)]),
  );
  const names = [...named.keys()].sort();
  return { flags: names.filter((name) => !named.get(name)), deprecated: names.filter((name) => named.get(name)) };
}

/** Unpacks or finds a program below the mirror of the lab, and gives its path to `use`. */
export async function withProgram<T>(
  mirror: string,
  file: ReleaseFile,
  release: Release,
  use: (path: string) => T | Promise<T>,
): Promise<T> {
  const path = join(mirror, releasePath(file, release, "amd64"));
  if (!path.endsWith(".tar.gz")) return use(path);
  const unpacked = mkdtempSync(join(tmpdir(), "program-"));
  try {
    execFileSync("tar", ["-xzf", path, "-C", unpacked]);
    return await use(join(unpacked, file === "etcd" ? basename(path, ".tar.gz") : "bin", file));
  } finally {
    rmSync(unpacked, { recursive: true });
  }
}

/** Writes the tables of these releases, or of all, from the programs that the lab serves. */
async function write(versions: readonly string[]): Promise<void> {
  const kubernetesVersions = versions.length === 0 ? RELEASES.map(({ kubernetes }) => kubernetes) : versions;
  const { mirrorFolder } = await prepare({ log: (line) => process.stderr.write(`${line}\n`), kubernetesVersions });
  for (const release of RELEASES.filter(({ kubernetes }) => kubernetesVersions.includes(kubernetes)))
    for (const [name, files] of Object.entries(tableNames(release))) {
      const table: FlagTable = {
        source: `${files.join(", ")} --help, version ${name.replace(/^.*-/, "")}, amd64; made by __tests__/support/flags.ts`,
        programs: Object.fromEntries(
          await Promise.all(
            files.map(async (file) => [file, await withProgram(mirrorFolder, file, release, flagsOf)] as const),
          ),
        ),
      };
      const path = join(folder, `${name}.json`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify(table, undefined, 1)}\n`);
    }
}

if (require.main === module) void write(process.argv.slice(2));
