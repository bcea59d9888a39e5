import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { releasePath } from "../../constructs/facts/release-files";
import { cached } from "../cache";
import { architecture } from "./architecture";
import type { Log } from "./command";
import { command } from "./command";
import { suite, unpackPackages } from "./debian-archive";
import { goBuild } from "./go-build";
import type { Image } from "./images";
import { agnhostLayers, program, testToolsLayer, userFiles } from "./images";
import { kubernetesModule } from "./kubernetes-module";
import { workFolder } from "./record";
import type { LayerEntry } from "./tar-layer";
import { entriesOf } from "./tar-layer";
import { agnhost, agnhostBefore, release } from "./versions";

const repository = (name: string): string => `e2e-test-images/${name}`;
const debianTools = `tools of Debian ${suite}`;
/** What is compiled for them: one module for both, whose dependencies Kubernetes' own programs have compiled already. */
const packages = ["k8s.io/kubernetes/test/images/nonewprivs", "k8s.io/sample-apiserver"];
const etcdArchive = releasePath("etcd", release, architecture);

/**
 * One spec reads what busybox's own shell says of a file system that it may not write to, and calls it by its path; those
 * that set variables with dots and dashes, which Debian's busybox drops, leave it to PATH.
 */
const busyboxShells: readonly LayerEntry[] = [
  { kind: "link", path: "/bin/sh", target: "busybox" },
  { kind: "link", path: "/usr/local/bin/sh", target: "/bin/bash" },
];

/** What the specs pull besides the images of a cluster, in the versions that the suite of this Kubernetes names. */
export const conformanceImages: readonly Image[] = [
  {
    repository: repository("busybox"),
    version: "1.37.0-1",
    difference: `${debianTools}, bash as sh where PATH finds it`,
    ingredients: [suite, busyboxShells],
    configuration: { Cmd: ["sh"] },
    layers: async (log) => [await testToolsLayer(log), [...userFiles([], []), ...busyboxShells]],
  },
  {
    repository: repository("glibc-dns-testing"),
    version: "2.0.0",
    difference: `${debianTools}, without CoreDNS`,
    ingredients: [suite],
    configuration: { Cmd: ["bash"] },
    layers: async (log) => [await testToolsLayer(log), userFiles([], [])],
  },
  {
    repository: repository("nonroot"),
    version: "1.5",
    difference: debianTools,
    ingredients: [suite],
    configuration: { Cmd: ["bash"], User: "1234" },
    layers: async (log) => [await testToolsLayer(log), userFiles([], [])],
  },
  {
    repository: repository("nonewprivs"),
    version: "1.4",
    difference: `compiled here, with ${debianTools}`,
    ingredients: [suite, release.kubernetes],
    configuration: { Cmd: ["nnp"] },
    layers: nonewprivsLayers,
  },
  ...["kitten", "nautilus"].map((name): Image => ({
    repository: repository(name),
    version: "1.8",
    difference: `compiled here, with ${debianTools}; its os-release names Alpine as the published one does, since a spec reads it`,
    ingredients: [suite, release.kubernetes],
    configuration: { Entrypoint: ["/agnhost"], Cmd: ["test-webserver"], ExposedPorts: { "80/tcp": {} } },
    layers: (log) => pictureLayers(name, log),
  })),
  {
    repository: repository("nginx"),
    version: "1.27-0",
    aliases: ["1.15-4"],
    difference: `nginx of Debian ${suite}, both versions the same`,
    ingredients: [suite],
    configuration: { Cmd: ["nginx"], ExposedPorts: { "80/tcp": {} } },
    layers: nginxLayers,
  },
  {
    repository: repository("sample-apiserver"),
    version: "1.29.2",
    difference: `compiled here from the sample of Kubernetes ${release.kubernetes}`,
    ingredients: [release.kubernetes],
    configuration: { Entrypoint: ["/sample-apiserver"] },
    layers: sampleApiserverLayers,
  },
  {
    repository: "etcd",
    version: "3.6.8-0",
    difference: `etcd ${release.etcd}, the one that controllers run`,
    ingredients: [release.etcd],
    configuration: { Cmd: ["/usr/local/bin/etcd"] },
    layers: etcdLayers,
  },
];

/** @throws Error when the suite of the release asks for images of other versions than those above. */
export async function refuseOtherVersions(sources: string): Promise<void> {
  const manifest = await readFile(join(sources, "test", "utils", "image", "manifest.go"), "utf8");
  const wanted = [...manifest.matchAll(/Config\{list\.\w+, "([^"]+)", "([^"]+)"\}/g)].map(([, name, tag]) => [
    name,
    tag,
  ]);
  const made = conformanceImages.flatMap(({ repository: path, version, aliases = [] }) =>
    [version, ...aliases].map((tag) => ({ name: path.replace(/^.*\//, ""), tag })),
  );
  const others = [...made, { name: "agnhost", tag: agnhost }, ...agnhostBefore.map((tag) => ({ name: "agnhost", tag }))]
    .filter(({ name, tag }) => !wanted.some(([wantedName, wantedTag]) => wantedName === name && wantedTag === tag))
    .map(({ name, tag }) => `${name}:${tag}`);
  if (others.length === 0) return;
  throw new Error(
    `the suite of Kubernetes ${release.kubernetes} does not ask for ${others.join(", ")}; see manifest.go`,
  );
}

async function compiled(name: string, log: Log): Promise<LayerEntry & { kind: "file" }> {
  const outputFolder = await workFolder(name);
  const { folder } = await kubernetesModule(release.kubernetes, packages);
  const wanted = packages.filter((path) => path.endsWith(`/${name}`));
  await goBuild({ folder, packages: wanted, outputFolder }, log);
  return program(outputFolder, name);
}

async function nonewprivsLayers(log: Log): Promise<LayerEntry[][]> {
  const { content } = await compiled("nonewprivs", log);
  return [
    await testToolsLayer(log),
    [...userFiles([], []), { kind: "file", path: "/usr/local/bin/nnp", mode: 0o6755, content }],
  ];
}

async function pictureLayers(name: string, log: Log): Promise<LayerEntry[][]> {
  const { sources } = await kubernetesModule(release.kubernetes, packages);
  const picture = async (file: string): Promise<LayerEntry> => {
    const content = await readFile(join(sources, "test", "images", name, "html", file));
    return { kind: "file", path: `/${file}`, mode: 0o644, content };
  };
  const files = [await picture(`${name}.jpg`), await picture("data.json")];
  const system: LayerEntry = {
    kind: "file",
    path: "/etc/os-release",
    mode: 0o644,
    content: Buffer.from(`NAME="Alpine Linux"\nID=alpine\nVARIANT="stand-in with ${debianTools}"\n`),
  };
  return [...(await agnhostLayers(log)), [...files, system]];
}

const nginxConfiguration = `daemon off;
user www-data;
worker_processes 1;
error_log stderr;
pid /run/nginx.pid;
events {}
http {
  access_log /dev/stdout;
  server {
    listen 80;
    root /usr/share/nginx/html;
  }
}
`;

async function nginxLayers(log: Log): Promise<LayerEntry[][]> {
  const unpacked = await workFolder("nginx");
  await unpackPackages(["nginx"], unpacked, log);
  const needed = /^\/(usr\/sbin\/nginx$|usr\/share\/nginx\/html(\/|$)|(usr\/)?lib(64)?\/[^/]+\/[^/]+\.so[^/]*$)/;
  const nginx = (await entriesOf(unpacked)).filter(({ path }) => needed.test(path));
  const folder = (path: string): LayerEntry => ({ kind: "folder", path, mode: 0o755 });
  return [
    await testToolsLayer(log),
    [
      ...nginx,
      ...userFiles(["www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin"], ["www-data:x:33:"]),
      ...["/run", "/var/lib/nginx", "/var/log/nginx"].map(folder),
      { kind: "file", path: "/etc/nginx/nginx.conf", mode: 0o644, content: Buffer.from(nginxConfiguration) },
    ],
  ];
}

async function sampleApiserverLayers(log: Log): Promise<LayerEntry[][]> {
  return [[{ kind: "folder", path: "/tmp", mode: 0o1777 }, await compiled("sample-apiserver", log)]];
}

async function etcdLayers(log: Log): Promise<LayerEntry[][]> {
  const folder = await workFolder("etcd-image");
  const archive = cached("mirror", etcdArchive);
  await command("tar", ["-xzf", archive, "-C", folder, "--strip-components=1", "--wildcards", "*/etcd"], { log });
  const { content } = await program(folder, "etcd");
  return [
    [
      { kind: "folder", path: "/tmp", mode: 0o1777 },
      { kind: "file", path: "/usr/local/bin/etcd", mode: 0o755, content },
    ],
  ];
}
