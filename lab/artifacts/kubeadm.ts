import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type ReleaseFile, releasePath } from "../../constructs/facts/release-files";
import { cached } from "../cache";
import { architecture } from "./architecture";
import { type Made, obtain } from "./artifact";
import { type Log, command } from "./command";
import { suite, unpackPackages } from "./debian-archive";
import { goBuild, goSettings, goVersion } from "./go-build";
import { kubernetesModule } from "./kubernetes-module";
import { nameImages, storeImage } from "./oci-image";
import { keyOf, place, workFolder } from "./record";
import { type LayerEntry, entriesOf } from "./tar-layer";
import { release } from "./versions";

// What kubeadm installs a cluster with: itself, and the control plane as images. For the benchmark alone, so that
// prepare does not make it. The programs in the images are those that the lab's nodes download.
const { kubernetes, etcd } = release;
const url = `dl.k8s.io/release/v${kubernetes}/bin/linux/${architecture}/kubeadm`;

export interface Kubeadm {
  /** The program's URL without its scheme: the path below the mirror. */
  readonly url: string;
  readonly etcdImageTag: string;
}

/** Makes what the cache lacks; after `prepare`, whose files it packs. */
export async function kubeadm(log: Log): Promise<Kubeadm> {
  const compilers = [await goVersion(), goSettings];
  await obtain(
    { name: "kubeadm", version: kubernetes, keys: { built: keyOf(url, compilers) }, make: (say) => program(say) },
    log,
  );
  const references: Record<string, string> = {};
  for (const { name, tag, layer, ingredients } of images) {
    const result = await obtain(
      {
        name: `image ${name}`,
        version: tag,
        keys: { built: keyOf(name, tag, architecture, compilers, ingredients) },
        make: async (say): Promise<Made> => {
          const difference = "the program that the lab's nodes download, in an image without the publisher's base";
          const labels = { "org.opencontainers.image.description": `Made for the lab: ${difference}` };
          const stored = await storeImage([await layer(say)], { Entrypoint: [], Labels: labels });
          return { source: "built", standIn: difference, paths: stored.paths };
        },
      },
      log,
    );
    // The manifest is the second of the blobs that storeImage names.
    references[`${name}:${tag}`] = `sha256:${result.record.files[1]?.sha256 ?? ""}`;
  }
  await nameImages(references);
  return { url, etcdImageTag: `${etcd}-0` };
}

async function program(log: Log): Promise<Made> {
  const packages = ["k8s.io/kubernetes/cmd/kubeadm"];
  const { folder, variables } = await kubernetesModule(kubernetes, packages);
  const outputFolder = await workFolder("kubeadm");
  await goBuild({ folder, packages, outputFolder, variables }, log);
  await place(join(outputFolder, "kubeadm"), cached("mirror", url));
  return { source: "built", paths: [join("mirror", url)] };
}

interface Image {
  readonly name: string;
  readonly tag: string;
  readonly layer: (log: Log) => Promise<LayerEntry[]>;
  /** What it is made of besides the programs of its tag. */
  readonly ingredients: unknown;
}

/** What kube-proxy calls. */
const proxyTools = ["iptables", "kmod"];

const plain = (name: ReleaseFile): Image => ({
  name,
  tag: `v${kubernetes}`,
  layer: async () => [await file(cached("mirror", releasePath(name, release, architecture)), name)],
  ingredients: 1,
});

const images: readonly Image[] = [
  plain("kube-apiserver"),
  plain("kube-controller-manager"),
  plain("kube-scheduler"),
  { ...plain("kube-proxy"), layer: proxyLayer, ingredients: [proxyTools, suite] },
  { name: "etcd", tag: `${etcd}-0`, layer: etcdLayer, ingredients: 1 },
];

async function etcdLayer(): Promise<LayerEntry[]> {
  const archive = cached("mirror", releasePath("etcd", release, architecture));
  const folder = await workFolder("etcd-image");
  await command("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"]);
  return Promise.all(["etcd", "etcdctl"].map((name) => file(join(folder, name))));
}

async function proxyLayer(log: Log): Promise<LayerEntry[]> {
  const folder = await workFolder("kube-proxy-image");
  await unpackPackages(proxyTools, folder, log);
  // What Debian's alternatives would link once the packages are configured, which they never are here.
  const links = ["iptables", "ip6tables"].flatMap((tool) => [tool, `${tool}-save`, `${tool}-restore`]);
  return [
    ...(await entriesOf(folder)).filter(({ path }) => !/^\/(usr\/share|var|etc)\//.test(path)),
    ...links.map((name): LayerEntry => ({ kind: "link", path: `/usr/sbin/${name}`, target: "xtables-nft-multi" })),
    await file(cached("mirror", releasePath("kube-proxy", release, architecture))),
  ];
}

async function file(path: string, name = basename(path)): Promise<LayerEntry> {
  return { kind: "file", path: `/usr/local/bin/${name}`, mode: 0o755, content: await readFile(path) };
}
