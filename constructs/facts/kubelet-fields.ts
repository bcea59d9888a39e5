/** What a field of KubeletConfiguration is called where nodes take no KubeletConfiguration. */
interface KubeletField {
  /** Below settings.kubernetes. */
  readonly bottlerocket: string;
  /** Of the kubelet, without dashes, for Ubuntu; none where it has a `<`, which the snap's own script would read. */
  readonly flag?: string;
}

// Source: bottlerocket-os/bottlerocket-core-kit, packages/kubernetes-1.31/kubelet-config (2024-10); kubelet --help of each version.
/** Those that mean the same on nodes of every operating system. */
export const KUBELET_FIELDS: Readonly<Record<string, KubeletField>> = {
  allowedUnsafeSysctls: { bottlerocket: "allowed-unsafe-sysctls", flag: "allowed-unsafe-sysctls" },
  containerLogMaxFiles: { bottlerocket: "container-log-max-files", flag: "container-log-max-files" },
  containerLogMaxSize: { bottlerocket: "container-log-max-size", flag: "container-log-max-size" },
  cpuCFSQuota: { bottlerocket: "cpu-cfs-quota-enforced", flag: "cpu-cfs-quota" },
  cpuManagerPolicy: { bottlerocket: "cpu-manager-policy", flag: "cpu-manager-policy" },
  eventBurst: { bottlerocket: "event-burst", flag: "event-burst" },
  eventRecordQPS: { bottlerocket: "event-qps", flag: "event-qps" },
  evictionHard: { bottlerocket: "eviction-hard" },
  evictionMaxPodGracePeriod: { bottlerocket: "eviction-max-pod-grace-period", flag: "eviction-max-pod-grace-period" },
  evictionSoft: { bottlerocket: "eviction-soft" },
  evictionSoftGracePeriod: { bottlerocket: "eviction-soft-grace-period", flag: "eviction-soft-grace-period" },
  imageGCHighThresholdPercent: { bottlerocket: "image-gc-high-threshold-percent", flag: "image-gc-high-threshold" },
  imageGCLowThresholdPercent: { bottlerocket: "image-gc-low-threshold-percent", flag: "image-gc-low-threshold" },
  kubeAPIBurst: { bottlerocket: "kube-api-burst", flag: "kube-api-burst" },
  kubeAPIQPS: { bottlerocket: "kube-api-qps", flag: "kube-api-qps" },
  kubeReserved: { bottlerocket: "kube-reserved", flag: "kube-reserved" },
  podPidsLimit: { bottlerocket: "pod-pids-limit", flag: "pod-max-pids" },
  registryBurst: { bottlerocket: "registry-burst", flag: "registry-burst" },
  registryPullQPS: { bottlerocket: "registry-qps", flag: "registry-qps" },
  seccompDefault: { bottlerocket: "seccomp-default", flag: "seccomp-default" },
  systemReserved: { bottlerocket: "system-reserved", flag: "system-reserved" },
  topologyManagerPolicy: { bottlerocket: "topology-manager-policy", flag: "topology-manager-policy" },
  topologyManagerScope: { bottlerocket: "topology-manager-scope", flag: "topology-manager-scope" },
};
