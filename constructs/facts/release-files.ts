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
  | "cni-plugins"
  | "ecr-credential-provider"
  | "otelcol-contrib";

const kubernetes = (name: string) => (release: Release, arch: Architecture) =>
  `dl.k8s.io/release/v${release.kubernetes}/bin/linux/${arch}/${name}`;
const github = "github.com";

const collector = (otelcol: string): string =>
  `${github}/open-telemetry/opentelemetry-collector-releases/releases/download/v${otelcol}`;

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
  "ecr-credential-provider": ({ ecrCredentialProvider }, arch) =>
    `artifacts.k8s.io/binaries/cloud-provider-aws/v${ecrCredentialProvider}/linux/${arch}/ecr-credential-provider-linux-${arch}`,
  "otelcol-contrib": ({ otelcol }, arch) => `${collector(otelcol)}/otelcol-contrib_${otelcol}_linux_${arch}.tar.gz`,
};

/** The URL, without `https://`, that `file` of this release is published at. */
export function releasePath(file: ReleaseFile, release: Release, architecture: Architecture): string {
  return PATHS[file](release, architecture);
}

/** The version of a file of this release; those of Kubernetes have its own. */
export function releaseVersion(file: ReleaseFile, release: Release): string {
  switch (file) {
    case "etcd":
    case "containerd":
    case "runc":
      return release[file];
    case "cni-plugins":
      return release.cniPlugins;
    case "ecr-credential-provider":
      return release.ecrCredentialProvider;
    case "otelcol-contrib":
      return release.otelcol;
    default:
      return release.kubernetes;
  }
}

/** Where the publisher keeps the sum of a file for which this library knows none, and the node reads it: a URL without scheme. */
export function publishedSumsPath(file: ReleaseFile, release: Release, architecture: Architecture): string | undefined {
  const path = releasePath(file, release, architecture);
  switch (file) {
    case "etcd":
      return `${path.slice(0, path.lastIndexOf("/"))}/SHA256SUMS`;
    case "ecr-credential-provider":
      return `${path}.sha256`;
    case "otelcol-contrib":
      return `${collector(release.otelcol)}/opentelemetry-collector-releases_otelcol-contrib_checksums.txt`;
    default:
      return undefined;
  }
}

/** sha256 by URL without scheme, as the publishers give them; of some files none is known here. */
export function publishedChecksums(release: Release, architecture: Architecture): Readonly<Record<string, string>> {
  const published: Readonly<Record<string, string>> = checksums.sha256;
  const entries = (Object.keys(PATHS) as ReleaseFile[])
    .map((file) => releasePath(file, release, architecture))
    .flatMap((path) => (published[path] === undefined ? [] : [[path, published[path]] as const]));
  return Object.fromEntries(entries);
}
