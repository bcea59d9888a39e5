import {
  publishedChecksums,
  releasePath,
  type Architecture,
  type ReleaseFile,
} from "../../constructs/facts/release-files";
import { RELEASES, type Release } from "../../constructs/facts/versions";

const release: Release = {
  kubernetes: "1.36.3",
  etcd: "3.6.16",
  containerd: "2.3.4",
  runc: "1.4.3",
  cniPlugins: "1.9.1",
  coredns: "1.14.7",
  pause: "3.10.2",
  ecrCredentialProvider: "1.37.0",
  otelcol: "0.155.0",
};

const PATHS: readonly [ReleaseFile, Architecture, string][] = [
  ["kube-apiserver", "amd64", "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver"],
  ["kube-apiserver", "arm64", "dl.k8s.io/release/v1.36.3/bin/linux/arm64/kube-apiserver"],
  ["kube-controller-manager", "amd64", "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-controller-manager"],
  ["kube-controller-manager", "arm64", "dl.k8s.io/release/v1.36.3/bin/linux/arm64/kube-controller-manager"],
  ["kube-scheduler", "amd64", "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-scheduler"],
  ["kube-scheduler", "arm64", "dl.k8s.io/release/v1.36.3/bin/linux/arm64/kube-scheduler"],
  ["kubelet", "amd64", "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet"],
  ["kubelet", "arm64", "dl.k8s.io/release/v1.36.3/bin/linux/arm64/kubelet"],
  ["kube-proxy", "amd64", "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-proxy"],
  ["kube-proxy", "arm64", "dl.k8s.io/release/v1.36.3/bin/linux/arm64/kube-proxy"],
  ["kubectl", "amd64", "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl"],
  ["kubectl", "arm64", "dl.k8s.io/release/v1.36.3/bin/linux/arm64/kubectl"],
  ["etcd", "amd64", "github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz"],
  ["etcd", "arm64", "github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-arm64.tar.gz"],
  [
    "containerd",
    "amd64",
    "github.com/containerd/containerd/releases/download/v2.3.4/containerd-2.3.4-linux-amd64.tar.gz",
  ],
  [
    "containerd",
    "arm64",
    "github.com/containerd/containerd/releases/download/v2.3.4/containerd-2.3.4-linux-arm64.tar.gz",
  ],
  ["runc", "amd64", "github.com/opencontainers/runc/releases/download/v1.4.3/runc.amd64"],
  ["runc", "arm64", "github.com/opencontainers/runc/releases/download/v1.4.3/runc.arm64"],
  [
    "cni-plugins",
    "amd64",
    "github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-amd64-v1.9.1.tgz",
  ],
  [
    "cni-plugins",
    "arm64",
    "github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-arm64-v1.9.1.tgz",
  ],
  [
    "ecr-credential-provider",
    "amd64",
    "artifacts.k8s.io/binaries/cloud-provider-aws/v1.37.0/linux/amd64/ecr-credential-provider-linux-amd64",
  ],
  [
    "ecr-credential-provider",
    "arm64",
    "artifacts.k8s.io/binaries/cloud-provider-aws/v1.37.0/linux/arm64/ecr-credential-provider-linux-arm64",
  ],
  [
    "otelcol-contrib",
    "amd64",
    "github.com/open-telemetry/opentelemetry-collector-releases/releases/download/v0.155.0/otelcol-contrib_0.155.0_linux_amd64.tar.gz",
  ],
  [
    "otelcol-contrib",
    "arm64",
    "github.com/open-telemetry/opentelemetry-collector-releases/releases/download/v0.155.0/otelcol-contrib_0.155.0_linux_arm64.tar.gz",
  ],
];

test.each(PATHS)("%s for %s is published at %s (FT-42)", (file, architecture, path) => {
  expect(releasePath(file, release, architecture)).toBe(path);
});

/** Theirs is beside the download, where nodes read it. */
const WITHOUT: readonly ReleaseFile[] = ["etcd", "ecr-credential-provider", "otelcol-contrib"];

test.each(PATHS.filter(([file]) => !WITHOUT.includes(file)))(
  "%s for %s has a published sha256 (FT-42)",
  (_, arch, path) => {
    expect(publishedChecksums(release, arch)[path]).toMatch(/^[0-9a-f]{64}$/);
  },
);

const FILES = [...new Set(PATHS.map(([file]) => file))];
const ARCHITECTURES = ["amd64", "arm64"] as const;

describe.each(RELEASES)("of Kubernetes $kubernetes", (of) => {
  test.each(ARCHITECTURES)(
    "every file for %s has a published sha256, but those that publishers keep beside a download (FT-33, FT-42)",
    (architecture) => {
      const sums = publishedChecksums(of, architecture);
      const without = FILES.filter((file) => !/^[0-9a-f]{64}$/.test(sums[releasePath(file, of, architecture)] ?? ""));

      expect(without).toEqual(WITHOUT);
      expect(Object.keys(sums)).toHaveLength(FILES.length - WITHOUT.length);
    },
  );
});

test("no two files of any release or processor have one sum (FT-42)", () => {
  const every = Object.assign(
    {},
    ...RELEASES.flatMap((of) => ARCHITECTURES.map((architecture) => publishedChecksums(of, architecture))),
  ) as Record<string, string>;

  expect(new Set(Object.values(every)).size).toBe(Object.keys(every).length);
  // Six programs of each release, three files that all of them share; for two processors.
  expect(Object.keys(every)).toHaveLength((6 * RELEASES.length + 3) * 2);
});

test.each(["amd64", "arm64"] as const)("no two files for %s have one sum", (architecture) => {
  expect(new Set(Object.values(publishedChecksums(release, architecture))).size).toBe(9);
});

test("etcd has no sum here: its node script reads the publisher's list (FT-33)", () => {
  const paths = Object.keys(publishedChecksums(release, "amd64"));

  expect(paths.filter((path) => path.includes("etcd"))).toEqual([]);
});

test("a release that nobody published sums for has none", () => {
  expect(
    publishedChecksums({ ...release, kubernetes: "9.9.9", containerd: "9", runc: "9", cniPlugins: "9" }, "amd64"),
  ).toEqual({});
});
