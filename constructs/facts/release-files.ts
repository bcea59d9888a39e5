import type { Release } from "./versions";
import checksums from "./published-checksums.json";

export type Architecture = "amd64" | "arm64";

export type ReleaseFile =
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubelet"
  | "kube-proxy"
  | "kubectl"
  | "etcd"
  | "containerd"
  | "runc"
  | "cni-plugins";

const kubernetes = (name: string) => (release: Release, arch: Architecture) =>
  `dl.k8s.io/release/v${release.kubernetes}/bin/linux/${arch}/${name}`;
const github = "github.com";

/** Where each file is published: the URL without its scheme, which is also its key in a map of checksums. */
const PATHS: Readonly<Record<ReleaseFile, (release: Release, arch: Architecture) => string>> = {
  "kube-apiserver": kubernetes("kube-apiserver"),
  "kube-controller-manager": kubernetes("kube-controller-manager"),
  "kube-scheduler": kubernetes("kube-scheduler"),
  kubelet: kubernetes("kubelet"),
  "kube-proxy": kubernetes("kube-proxy"),
  kubectl: kubernetes("kubectl"),
  etcd: ({ etcd }, arch) => `${github}/etcd-io/etcd/releases/download/v${etcd}/etcd-v${etcd}-linux-${arch}.tar.gz`,
  containerd: ({ containerd }, arch) =>
    `${github}/containerd/containerd/releases/download/v${containerd}/containerd-${containerd}-linux-${arch}.tar.gz`,
  runc: ({ runc }, arch) => `${github}/opencontainers/runc/releases/download/v${runc}/runc.${arch}`,
  "cni-plugins": ({ cniPlugins }, arch) =>
    `${github}/containernetworking/plugins/releases/download/v${cniPlugins}/cni-plugins-linux-${arch}-v${cniPlugins}.tgz`,
};

/** The URL, without `https://`, that `file` of this release is published at. */
export function releasePath(file: ReleaseFile, release: Release, architecture: Architecture): string {
  return PATHS[file](release, architecture);
}

/** sha256 by URL without scheme, as the publishers give them. etcd has none here: its node script reads SHA256SUMS. */
export function publishedChecksums(release: Release, architecture: Architecture): Readonly<Record<string, string>> {
  const published: Readonly<Record<string, string>> = checksums.sha256;
  const entries = (Object.keys(PATHS) as ReleaseFile[])
    .map((file) => releasePath(file, release, architecture))
    .flatMap((path) => (published[path] === undefined ? [] : [[path, published[path]] as const]));
  return Object.fromEntries(entries);
}
