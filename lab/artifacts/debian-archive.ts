import { link, mkdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { architecture } from "./architecture";
import type { Log } from "./command";
import { command } from "./command";
import { exists, workFolder, writeWhole } from "./record";

export const suite = "bookworm";

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const defaultArchive = "http://deb.debian.org/debian";
const helper = "/usr/lib/apt/apt-helper";

/** Where this machine's apt takes the suite from; Debian's own mirror where it takes it from nowhere. */
export async function archiveOfThisMachine(): Promise<string> {
  const format = "$(RELEASE)|$(CODENAME)|$(REPO_URI)";
  const targets = await command("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]).catch(
    () => "",
  );
  for (const line of targets.split("\n")) {
    const [release, codename, uri] = line.split("|");
    if ((release === suite || codename === suite) && uri && /\/debian\/?$/.test(uri)) return uri.replace(/\/$/, "");
  }
  return defaultArchive;
}

/** apt's own downloader: it goes the way that this machine's apt is configured to go. */
async function download(url: string, target: string, sha256?: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await command(helper, ["download-file", url, target, ...(sha256 ? [`SHA256:${sha256}`] : [])]);
}

/** Downloads the signed index of the suite and the lists of packages that it vouches for, laid out as in the archive. */
export async function downloadIndexes(archive: string, tree: string, log: Log): Promise<void> {
  const suiteFolder = join("dists", suite);
  const release = join(tree, suiteFolder, "InRelease");
  await download(`${archive}/${suiteFolder}/InRelease`, release);
  if (!(await exists(keyring))) throw new Error(`${keyring} is missing; install debian-archive-keyring`);
  await command("gpgv", ["--quiet", "--keyring", keyring, release]);
  log("the signature of the index is Debian's");
  const text = await readFile(release, "utf8");
  const sums = text.slice(text.indexOf("\nSHA256:"));
  for (const list of [`main/binary-${architecture}/Packages.xz`, "main/i18n/Translation-en.xz"]) {
    const hash = new RegExp(`^ ([0-9a-f]{64}) +\\d+ ${list}$`, "m").exec(sums)?.[1];
    if (!hash) throw new Error(`the index of ${suite} names no ${list}`);
    const file = join(tree, suiteFolder, list);
    await download(`${archive}/${suiteFolder}/${list}`, file, hash);
    // apt asks for a list by its hash, which an archive that is changed at the same moment cannot get wrong.
    const byHash = join(dirname(file), "by-hash", "SHA256", hash);
    await mkdir(dirname(byHash), { recursive: true });
    await link(file, byHash);
  }
}

/** Downloads packages and all that they depend on into a tree that holds the indexes; returns their paths in it. */
export async function downloadPackages(archive: string, tree: string, packages: readonly string[]): Promise<string[]> {
  const files = await packageFiles(tree, packages);
  for (const { path, hash } of files) await download(`${archive}/${path}`, join(tree, path), hash);
  return files.map(({ path }) => path);
}

/** Unpacks packages, with all that they depend on, into a folder; nothing of them is run. */
export async function unpackPackages(packages: readonly string[], folder: string, log: Log): Promise<void> {
  const archive = await archiveOfThisMachine();
  const tree = await workFolder("debian-tree");
  await downloadIndexes(archive, tree, log);
  for (const path of await downloadPackages(archive, tree, packages)) {
    log(`unpacking ${basename(path)}`);
    await command("dpkg-deb", ["--extract", join(tree, path), folder]);
  }
  await rm(tree, { recursive: true });
}

interface PackageFile {
  /** Below the archive. */
  readonly path: string;
  readonly hash: string;
}

/** The packages and all that they depend on, as apt works it out for a machine on which nothing is installed. */
async function packageFiles(tree: string, packages: readonly string[]): Promise<PackageFile[]> {
  const root = await workFolder("apt");
  for (const folder of ["state/lists/partial", "cache/archives/partial"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeWhole(join(root, "status"), "");
  await writeWhole(
    join(root, "sources.list"),
    `deb [signed-by=${keyring} target=Packages] file:${tree} ${suite} main\n`,
  );
  const settings = {
    "Dir::Etc::SourceList": join(root, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::State": join(root, "state"),
    "Dir::State::Status": join(root, "status"),
    "Dir::Cache": join(root, "cache"),
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "APT::Sandbox::User": "",
    "APT::Install-Recommends": "false",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await command("apt-get", [...options, "update", "--quiet"]);
  const uris = await command("apt-get", [...options, "install", "--print-uris", "--yes", "--quiet", ...packages]);
  const names = [...uris.matchAll(/^'file:([^']+\.deb)' /gm)].map(([, path]) => decodeURIComponent(path ?? ""));
  // apt prints only the weakest sum that the index has, so the strong one comes from the index.
  const described = await command("apt-cache", [...options, "dumpavail"]);
  return names.map((name) => {
    const path = name.slice(tree.length + 1);
    const hash = new RegExp(`^Filename: ${escaped(path)}\\n(?:.+\\n)*?SHA256: ([0-9a-f]{64})$`, "m").exec(
      described,
    )?.[1];
    if (!hash) throw new Error(`the index of ${suite} has no sum for ${path}`);
    return { path, hash };
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
