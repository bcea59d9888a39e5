import { chmod, mkdir, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  publishedChecksums,
  publishedSumsPath,
  type ReleaseFile as ReleaseFileName,
  releasePath,
} from "../../constructs/facts/release-files";
import { type Release, RELEASES } from "../../constructs/facts/versions";
import { cached } from "../cache";
import { architecture } from "./architecture";
import type { Made, Result } from "./artifact";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { command } from "./command";
import { goBuild, goCommand, goSettings, goVersion } from "./go-build";
import { kubernetesModule } from "./kubernetes-module";
import { reachable } from "./reachable";
import { contentsOf, keyOf, place, sha256OfFile, workFolder, writeWhole } from "./record";
import { tarArchive } from "./tar-archive";

interface ReleaseFile {
  /** The publisher's URL without its scheme: the path below the mirror. */
  readonly url: string;
  /** Folder inside of the archive that holds the programs; "." is the archive's root, absent is a bare program. */
  readonly archiveFolder?: string;
  readonly programs: readonly string[];
}

interface Publication {
  readonly name: string;
  readonly version: string;
  readonly files: readonly ReleaseFile[];
  /** The publisher's sums beside the files, where this repository knows none. */
  readonly sumsFile?: string;
  readonly build: Build;
}

interface Build {
  /** Raised when the way of building changes. */
  readonly revision: number;
  /** Package → name of the program that comes of it. */
  readonly programs: Readonly<Record<string, string>>;
  /** `kubernetes`: see kubernetesModule; `required`: a module of ours that requires it; `installed`: by its name; or a folder here. */
  readonly module: "kubernetes" | "required" | "installed" | { readonly folder: string };
  readonly variables?: readonly string[];
  readonly tags?: readonly string[];
  readonly cgo?: boolean;
}

const kubernetesPrograms: readonly ReleaseFileName[] = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
  "kubectl",
];
/** Whom clusters of EKS let in: the software that EKS itself uses. */
const authenticator = "0.6.13";
const authenticatorFolder = `github.com/kubernetes-sigs/aws-iam-authenticator/releases/download/v${authenticator}`;
const authenticatorUrl = `${authenticatorFolder}/aws-iam-authenticator_${authenticator}_linux_${architecture}`;
const authenticatorModule = "sigs.k8s.io/aws-iam-authenticator";
const plugins = "github.com/containernetworking/plugins/plugins";
const containerdModule = "github.com/containerd/containerd/v2";

/** What a node of this release downloads, by publisher. */
function publications(of: Release): readonly Publication[] {
  const { kubernetes, etcd, containerd, runc, cniPlugins } = of;
  const urlOf = (file: ReleaseFileName): string => releasePath(file, of, architecture);
  return [
    {
      name: "runc",
      version: runc,
      files: [{ url: urlOf("runc"), programs: ["runc"] }],
      build: {
        revision: 1,
        programs: { "github.com/opencontainers/runc": "runc" },
        module: "installed",
        variables: [`main.version=${runc}`],
        tags: ["seccomp", "netgo", "osusergo"],
        cgo: true,
      },
    },
    {
      name: "CNI plugins",
      version: cniPlugins,
      files: [
        {
          url: urlOf("cni-plugins"),
          archiveFolder: ".",
          programs: ["bridge", "loopback", "ptp", "host-local", "portmap", "firewall", "bandwidth"],
        },
      ],
      build: {
        revision: 1,
        programs: {
          [`${plugins}/main/bridge`]: "bridge",
          [`${plugins}/main/loopback`]: "loopback",
          [`${plugins}/main/ptp`]: "ptp",
          [`${plugins}/ipam/host-local`]: "host-local",
          [`${plugins}/meta/portmap`]: "portmap",
          [`${plugins}/meta/firewall`]: "firewall",
          [`${plugins}/meta/bandwidth`]: "bandwidth",
        },
        module: "installed",
        variables: [`github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion=v${cniPlugins}`],
      },
    },
    {
      name: "etcd",
      version: etcd,
      files: [
        {
          url: urlOf("etcd"),
          archiveFolder: `etcd-v${etcd}-linux-${architecture}`,
          programs: ["etcd", "etcdctl", "etcdutl"],
        },
      ],
      sumsFile: `${dirname(urlOf("etcd"))}/SHA256SUMS`,
      build: {
        revision: 1,
        programs: {
          "go.etcd.io/etcd/server/v3": "etcd",
          "go.etcd.io/etcd/etcdctl/v3": "etcdctl",
          "go.etcd.io/etcd/etcdutl/v3": "etcdutl",
        },
        module: "required",
      },
    },
    {
      name: "containerd",
      version: containerd,
      files: [
        {
          url: urlOf("containerd"),
          archiveFolder: "bin",
          programs: ["containerd", "containerd-shim-runc-v2", "ctr"],
        },
      ],
      build: {
        revision: 1,
        programs: {
          [`${containerdModule}/cmd/containerd`]: "containerd",
          [`${containerdModule}/cmd/containerd-shim-runc-v2`]: "containerd-shim-runc-v2",
          [`${containerdModule}/cmd/ctr`]: "ctr",
        },
        module: "installed",
        variables: [
          `${containerdModule}/version.Version=v${containerd}`,
          `${containerdModule}/version.Package=${containerdModule}`,
        ],
        // Without the snapshotters that need C libraries; overlayfs, which the nodes use, is among the rest.
        tags: ["osusergo", "netgo", "static_build", "no_btrfs", "no_zfs", "no_devmapper"],
      },
    },
    {
      name: "Kubernetes",
      version: kubernetes,
      files: kubernetesPrograms.map((program) => ({
        url: urlOf(program),
        programs: [program],
      })),
      build: {
        revision: 1,
        programs: Object.fromEntries(
          kubernetesPrograms.map((program) => [`k8s.io/kubernetes/cmd/${program}`, program]),
        ),
        module: "kubernetes",
      },
    },
    {
      name: "aws-iam-authenticator",
      version: authenticator,
      files: [{ url: authenticatorUrl, programs: ["aws-iam-authenticator"] }],
      sumsFile: `${authenticatorFolder}/authenticator_${authenticator}_checksums.txt`,
      build: {
        revision: 1,
        programs: { [`${authenticatorModule}/cmd/aws-iam-authenticator`]: "aws-iam-authenticator" },
        module: "installed",
        variables: [`${authenticatorModule}/pkg.Version=v${authenticator}`],
      },
    },
  ];
}

/** What nodes download where a cluster asks for it, and only the tests that do. */
export type Extra = "ecr-credential-provider" | "otelcol-contrib";

const extras: Readonly<Record<Extra, (of: Release) => Publication>> = {
  "ecr-credential-provider": (of) => {
    const version = of.ecrCredentialProvider;
    const url = releasePath("ecr-credential-provider", of, architecture);
    return {
      name: "ecr-credential-provider",
      version,
      files: [{ url, programs: ["ecr-credential-provider"] }],
      sumsFile: publishedSumsPath("ecr-credential-provider", of, architecture)!,
      build: {
        revision: 1,
        programs: { "k8s.io/cloud-provider-aws/cmd/ecr-credential-provider": "ecr-credential-provider" },
        module: "installed",
        variables: [`main.gitVersion=v${version}`],
      },
    };
  },
  "otelcol-contrib": (of) => ({
    name: "OpenTelemetry Collector",
    version: of.otelcol,
    files: [
      {
        url: releasePath("otelcol-contrib", of, architecture),
        archiveFolder: ".",
        programs: ["otelcol-contrib"],
      },
    ],
    sumsFile: publishedSumsPath("otelcol-contrib", of, architecture)!,
    build: {
      revision: 1,
      programs: { ".": "otelcol-contrib" },
      module: { folder: "otelcol" },
      variables: [`main.version=${of.otelcol}`],
    },
  }),
};

export const mirrorFolder = cached("mirror");
const mirrored = (url: string): string => join("mirror", url);

export const authenticatorProgram = cached(mirrored(authenticatorUrl));

export interface ReleaseFiles {
  readonly results: readonly Result[];
  /** URL without its scheme → sha256 of what the mirror serves for it. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Of the last of the releases. */
  readonly kubectl: string;
}

/** Where the programs of each release lie once they are made, by its minor version and their names. */
export function nodePrograms(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const names = ["kubelet", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
  const files = [...names, "etcd", "containerd", "runc", "cni-plugins"] as const;
  return Object.fromEntries(
    RELEASES.map((of) => [
      of.kubernetes.split(".").slice(0, 2).join("."),
      {
        ...Object.fromEntries(files.map((file) => [file, cached(mirrored(releasePath(file, of, architecture)))])),
        "aws-iam-authenticator": authenticatorProgram,
      },
    ]),
  );
}

/** The files that the nodes of these releases download, laid out under the mirror as the publishers lay them out. */
export async function releaseFiles(
  releases: readonly Release[],
  log: Log,
  wantedExtras: readonly Extra[] = [],
): Promise<ReleaseFiles> {
  const results: Result[] = [];
  const checksums: Record<string, string> = {};
  // What several releases have in common is there once.
  const wanted = new Map(
    releases.flatMap((of) =>
      [...publications(of), ...wantedExtras.map((extra) => extras[extra](of))].map(
        (publication) => [`${publication.name} ${publication.version}`, { of, publication }] as const,
      ),
    ),
  );
  for (const { of, publication } of wanted.values()) {
    const result = await obtainPublication(publication, of, log);
    results.push(result);
    for (const { url } of publication.files) {
      const file = result.record.files.find(({ path }) => path === mirrored(url));
      if (!file) throw new Error(`the record of ${publication.name} does not name ${url}; remove ${cached("records")}`);
      checksums[url] = file.sha256;
    }
  }
  const newest = releases.at(-1);
  if (newest === undefined) throw new Error("no release is asked for");
  return { results, checksums, kubectl: kubectlOf(newest) };
}

/** For who needs no more than kubectl: it is there before the rest. */
export async function kubectl(of: Release, log: Log): Promise<string> {
  await obtainPublication(
    publications(of).find(({ name }) => name === "Kubernetes")!,
    of,
    log,
  );
  return kubectlOf(of);
}

const kubectlOf = (of: Release): string => cached(mirrored(releasePath("kubectl", of, architecture)));

async function obtainPublication(publication: Publication, of: Release, log: Log): Promise<Result> {
  const { name, version, files, build } = publication;
  const ours = typeof build.module === "object" ? [await contentsOf(join(__dirname, build.module.folder))] : [];
  return obtain(
    {
      name,
      version,
      record: `${name} ${version}`,
      keys: {
        downloaded: keyOf(name, version, architecture, files),
        // What is built depends on the compiler too; without one, nothing built before can be told apart.
        built: keyOf(name, version, architecture, files, build, goSettings, await goVersion(), ...ours),
      },
      make: async (say) => (await download(publication, of, say)) ?? (await compile(publication, say)),
    },
    log,
  );
}

/** Everything of a release from its publisher, or nothing where it cannot be had; what has a wrong sum is an error. */
async function download({ name, files, sumsFile }: Publication, of: Release, log: Log): Promise<Made | undefined> {
  const urls = [...(sumsFile ? [sumsFile] : []), ...files.map(({ url }) => url)];
  for (const url of urls) {
    if (await reachable(`https://${url}`)) continue;
    log(`https://${new URL(`https://${url}`).host} cannot be reached`);
    return undefined;
  }
  const folder = await workFolder(`download-${name.replace(/ /g, "-")}`);
  try {
    for (const url of urls) {
      log(`downloading https://${url}`);
      const limits = ["--retry", "3", "--connect-timeout", "10", "--max-time", "900"];
      const output = ["--silent", "--show-error", "--output", join(folder, basename(url))];
      await command("curl", ["--fail", "--location", ...limits, ...output, `https://${url}`]);
    }
  } catch (error) {
    // A host that answers may still refuse, as the proxies of closed networks do.
    log((error as Error).message);
    return undefined;
  }
  const sums: Readonly<Record<string, string>> = sumsFile
    ? readSums(await readFile(join(folder, basename(sumsFile)), "utf8"), sumsFile)
    : publishedChecksums(of, architecture);
  for (const { url, archiveFolder } of files) {
    const target = join(folder, basename(url));
    const [wanted, found] = [sums[url], await sha256OfFile(target)];
    if (!wanted)
      throw new Error(
        `no published sha256 is known for https://${url}; add it to constructs/facts/published-checksums.json`,
      );
    if (wanted !== found) throw new Error(`https://${url} has sha256 ${found}, its publisher says ${wanted}`);
    if (archiveFolder === undefined) await chmod(target, 0o755);
  }
  for (const url of urls) await place(join(folder, basename(url)), cached(mirrored(url)));
  return { source: "downloaded", paths: urls.map(mirrored) };
}

/** The lines of a file of sums, by the URL of the file that each names; or the sum of the one file that it is named after. */
function readSums(text: string, sumsFile: string): Record<string, string> {
  if (/^[0-9a-f]{64}\s*$/.test(text)) return { [sumsFile.replace(/\.sha256$/, "")]: text.trim() };
  const folder = dirname(sumsFile);
  const rows = [...text.matchAll(/^([0-9a-f]{64})[ *]+(\S+)$/gm)];
  return Object.fromEntries(rows.map(([, sum, file]) => [`${folder}/${file}`, sum ?? ""]));
}

/** Everything of a release from its source, through Go's module proxy and checked against Go's checksum database. */
async function compile({ name, version, files, sumsFile, build }: Publication, log: Log): Promise<Made> {
  if (!(await goVersion()))
    throw new Error(`${name} can neither be downloaded nor built: install Go, or allow its host`);
  const label = name.replace(/ /g, "-");
  const programsFolder = await workFolder(`build-${label}`);
  const packages = Object.keys(build.programs);
  const { tags, cgo } = build;
  const settings = { outputFolder: programsFolder, ...(tags ? { tags } : {}), ...(cgo ? { cgo } : {}) };
  const variables = build.variables ?? [];
  log("building from source");
  if (build.module === "installed") {
    await goBuild({ ...settings, packages: packages.map((path) => `${path}@v${version}`), variables }, log);
  } else if (build.module === "required") {
    await goBuild({ ...settings, folder: await requiringModule(label, version, packages), packages, variables }, log);
  } else if (typeof build.module === "object") {
    await goBuild({ ...settings, folder: join(__dirname, build.module.folder), packages, variables }, log);
  } else {
    const module = await kubernetesModule(version, packages);
    await goBuild({ ...settings, folder: module.folder, packages, variables: module.variables }, log);
  }
  for (const [path, program] of Object.entries(build.programs)) {
    // Go names a program by its package, without a version suffix.
    const named = path === "." ? "otelcol" : basename(path.replace(/\/v\d+$/, ""));
    if (named !== program) await rename(join(programsFolder, named), join(programsFolder, program));
  }
  const sums: string[] = [];
  for (const file of files) {
    const made = await pack(file, programsFolder, label);
    sums.push(`${await sha256OfFile(made)}  ${basename(file.url)}\n`);
    await place(made, cached(mirrored(file.url)));
  }
  const paths = files.map(({ url }) => mirrored(url));
  if (sumsFile) {
    await writeWhole(cached(mirrored(sumsFile)), sums.join(""));
    paths.push(mirrored(sumsFile));
  }
  return { source: "built", paths };
}

/** A module that requires those of the packages: their own replacements, which an install by name refuses, do not count. */
async function requiringModule(label: string, version: string, packages: readonly string[]): Promise<string> {
  const folder = await workFolder(`module-${label}`);
  const required = packages.map((path) => `require ${path} v${version}\n`).join("");
  // Without a language version Go takes an old one, for which it reads the modules of every module's tests too.
  const language = `go ${(await goVersion())?.replace(/^go/, "")}\n`;
  await writeWhole(join(folder, "go.mod"), `module lab.invalid/${label}\n\n${language}\n${required}`);
  const imports = packages.map((path) => `import _ ${JSON.stringify(path)}\n`).join("");
  await writeWhole(join(folder, "tools.go"), `//go:build tools\n\npackage tools\n\n${imports}`);
  await goCommand(["mod", "tidy", "-e"], folder);
  return folder;
}

/** A file as its publisher packs it, made of built programs. */
async function pack(
  { url, archiveFolder, programs }: ReleaseFile,
  programsFolder: string,
  label: string,
): Promise<string> {
  if (archiveFolder === undefined) return join(programsFolder, programs[0] ?? "");
  const tree = await workFolder(`archive-${label}`);
  await mkdir(join(tree, archiveFolder), { recursive: true });
  for (const program of programs) await rename(join(programsFolder, program), join(tree, archiveFolder, program));
  const archive = join(await workFolder(`packed-${label}`), basename(url));
  await tarArchive(tree, archive, [archiveFolder]);
  return archive;
}
