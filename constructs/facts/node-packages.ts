/** Debian's packages that the bootstrap installs where the machine lacks them, each with all that it depends on. */
const PACKAGES = {
  worker: ["socat", "conntrack", "ipset", "iptables"],
  nftables: ["nftables"],
  healthProxy: ["nginx"],
} as const;

export interface PackageChoices {
  /** Of kube-proxy. */
  readonly kubeProxyMode: string;
  /** Of the load balancer. */
  readonly healthCheck: string;
}

/** What the bootstrap of a cluster may install. */
export function nodePackages({ kubeProxyMode, healthCheck }: PackageChoices): readonly string[] {
  return [
    ...PACKAGES.worker,
    ...(kubeProxyMode === "nftables" ? PACKAGES.nftables : []),
    ...(healthCheck === "nginx" ? PACKAGES.healthProxy : []),
  ];
}
