/** Programs that can be given flags, each with the variable of `node.env` that carries them. */
export const COMPONENTS = {
  etcd: "ETCD_ARGUMENTS",
  kubeApiserver: "KUBE_APISERVER_ARGUMENTS",
  kubeControllerManager: "KUBE_CONTROLLER_MANAGER_ARGUMENTS",
  kubeScheduler: "KUBE_SCHEDULER_ARGUMENTS",
  kubelet: "KUBELET_ARGUMENTS",
  kubeProxy: "KUBE_PROXY_ARGUMENTS",
} as const;

export type Component = keyof typeof COMPONENTS;

/** Flags by name, without dashes, for each program: `{ kubeApiserver: { "event-ttl": "2h" } }`. */
export type ExtraArguments = { readonly [Name in Component]?: Readonly<Record<string, string>> };

// Each is set by a unit, and what other machines, certificates or the CIS benchmark count on hangs on its value.
const OURS: Readonly<Record<Component, readonly string[]>> = {
  etcd: [
    "name",
    "data-dir",
    "cert-file",
    "key-file",
    "trusted-ca-file",
    "client-cert-auth",
    "peer-cert-file",
    "peer-key-file",
    "peer-trusted-ca-file",
    "peer-client-cert-auth",
    "tls-min-version",
    "listen-peer-urls",
    "initial-advertise-peer-urls",
    "listen-client-urls",
    "advertise-client-urls",
    "initial-cluster-token",
    "initial-cluster",
    "initial-cluster-state",
  ],
  kubeApiserver: [
    "advertise-address",
    "bind-address",
    "secure-port",
    "allow-privileged",
    "audit-log-maxage",
    "audit-log-maxbackup",
    "audit-log-maxsize",
    "audit-log-path",
    "audit-policy-file",
    "authentication-config",
    "authorization-mode",
    "client-ca-file",
    "enable-admission-plugins",
    "enable-aggregator-routing",
    "encryption-provider-config",
    "etcd-cafile",
    "etcd-certfile",
    "etcd-keyfile",
    "etcd-servers",
    "kubelet-certificate-authority",
    "kubelet-client-certificate",
    "kubelet-client-key",
    "kubelet-preferred-address-types",
    "profiling",
    "proxy-client-cert-file",
    "proxy-client-key-file",
    "requestheader-allowed-names",
    "requestheader-client-ca-file",
    "requestheader-extra-headers-prefix",
    "requestheader-group-headers",
    "requestheader-username-headers",
    "service-account-extend-token-expiration",
    "service-account-issuer",
    "service-account-jwks-uri",
    "service-account-key-file",
    "service-account-signing-key-file",
    "service-cluster-ip-range",
    "service-node-port-range",
    "tls-cert-file",
    "tls-private-key-file",
    "tls-cipher-suites",
    "tls-min-version",
  ],
  kubeControllerManager: [
    "authentication-kubeconfig",
    "authorization-kubeconfig",
    "bind-address",
    "cluster-cidr",
    "cluster-name",
    "cluster-signing-cert-file",
    "cluster-signing-key-file",
    "kubeconfig",
    "leader-elect",
    "profiling",
    "root-ca-file",
    "service-account-private-key-file",
    "service-cluster-ip-range",
    "tls-min-version",
    "use-service-account-credentials",
  ],
  kubeScheduler: ["config", "authentication-kubeconfig", "authorization-kubeconfig", "bind-address", "tls-min-version"],
  kubelet: [
    ...["config", "config-dir", "kubeconfig", "hostname-override", "node-ip", "node-labels"],
    ...["image-credential-provider-config", "image-credential-provider-bin-dir"],
  ],
  kubeProxy: ["config"],
};

// None of them is set, and each would open the cluster, lose its data, or set another authority beside ours.
const DANGEROUS: Readonly<Record<Component, readonly string[]>> = {
  etcd: [
    "auto-tls",
    "peer-auto-tls",
    "config-file",
    "wal-dir",
    "force-new-cluster",
    "unsafe-no-fsync",
    "enable-pprof",
    "listen-metrics-urls",
    "listen-client-http-urls",
    "cors",
  ],
  kubeApiserver: [
    "anonymous-auth",
    "token-auth-file",
    "authorization-config",
    "authorization-policy-file",
    "disable-admission-plugins",
    "service-account-lookup",
    "etcd-prefix",
    "etcd-servers-overrides",
    "debug-socket-path",
  ],
  kubeControllerManager: [
    "allocate-node-cidrs",
    "authentication-skip-lookup",
    "authentication-tolerate-lookup-failure",
    "authorization-always-allow-paths",
  ],
  kubeScheduler: [
    "authentication-skip-lookup",
    "authentication-tolerate-lookup-failure",
    "authorization-always-allow-paths",
  ],
  kubelet: ["anonymous-auth", "authorization-mode", "read-only-port", "bootstrap-kubeconfig", "root-dir"],
  kubeProxy: ["cluster-cidr", "proxy-mode", "cleanup", "init-only", "write-config-to"],
};

// In whatever program: plain or unverified connections, profiles of a running program, and other files of ours.
const ANYWHERE =
  /^insecure-|profiling$|^kubeconfig$|^master$|^cert-dir$|^tls-(cert|private-key|sni)|^oidc-|^version$|^help$/;

/** Whether a flag is one that the library keeps for itself, or that would undo what it does. */
export function isRefusedFlag(component: Component, flag: string): boolean {
  return OURS[component].includes(flag) || DANGEROUS[component].includes(flag) || ANYWHERE.test(flag);
}

/** The variables of `node.env` that carry the flags, in the order of their names, so that only a change is one. */
export function argumentVariables(given: ExtraArguments): Record<(typeof COMPONENTS)[Component], string> {
  const text = (flags: Readonly<Record<string, string>>): string =>
    Object.entries(flags)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([flag, value]) => `--${flag}=${value}`)
      .join(" ");
  return Object.fromEntries(
    Object.entries(COMPONENTS).map(([component, variable]) => [variable, text(given[component as Component] ?? {})]),
  ) as Record<(typeof COMPONENTS)[Component], string>;
}
