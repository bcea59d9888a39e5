/** A Kubernetes release with the releases of everything else on a node that are installed beside it. */
export interface Release {
  readonly kubernetes: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly runc: string;
  readonly cniPlugins: string;
  readonly coredns: string;
  readonly pause: string;
  /** kubelet's credential provider for ECR, of k8s.io/cloud-provider-aws: any version serves every kubelet here. */
  readonly ecrCredentialProvider: string;
  /** The OpenTelemetry Collector that ships logs. */
  readonly otelcol: string;
}

// pause: cmd/kubeadm/app/constants of each release. The others: the newest that the project's own tests run; of
// etcd and CoreDNS, nothing older than the release's own kubeadm installs. docs/releases.md shows both.
const TESTED = {
  etcd: "3.6.16",
  containerd: "2.3.4",
  runc: "1.4.3",
  cniPlugins: "1.9.1",
  coredns: "1.14.7",
  ecrCredentialProvider: "1.37.0",
  otelcol: "0.155.0",
} as const;

/** Oldest first. */
export const RELEASES: readonly Release[] = [
  { kubernetes: "1.34.4", ...TESTED, pause: "3.10.1" },
  { kubernetes: "1.35.4", ...TESTED, pause: "3.10.1" },
  { kubernetes: "1.36.3", ...TESTED, pause: "3.10.2" },
];

/** The default Kubernetes version: the newest that is tested. */
export const DEFAULT_KUBERNETES_VERSION = "1.36.3";

/** @throws Error for a version that is not in the table. */
export function releaseOf(kubernetesVersion: string): Release {
  const release = RELEASES.find((candidate) => candidate.kubernetes === kubernetesVersion);
  if (release === undefined)
    throw new Error(
      `kubernetesVersion ${kubernetesVersion} is not one of ${RELEASES.map((r) => r.kubernetes).join(", ")}`,
    );
  return release;
}
