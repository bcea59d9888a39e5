/** The programs whose flags are looked at. */
export type Program =
  "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubelet" | "kube-proxy";

/** What is required of a flag or a field. Undefined is one that is not set. */
export interface Requirement {
  readonly says: string;
  readonly holds: (value: string | undefined) => boolean;
  /** A value that it must notice. */
  readonly refuses: string | undefined;
}

export type Check =
  | { readonly program: Program; readonly flag: string; readonly must: Requirement }
  /** A dotted path in a configuration; a list's items are joined by commas, an object is its JSON. */
  | { readonly config: string; readonly field: string; readonly must: Requirement }
  /** Bits beyond the mode are refused. A `*` in a path stands for any name, of which there has to be one. */
  | { readonly path: string; readonly mode: string }
  | { readonly path: string; readonly owner: string }
  /** Two files that must not be the same. */
  | { readonly path: string; readonly unlike: string };

/** A control of the benchmark: met by checks, or not met for a reason. */
export interface Control {
  readonly id: string;
  readonly kind: "automated" | "manual";
  /** The machines that it speaks of. */
  readonly on: "controller" | "worker";
  readonly what: string;
  readonly checks: readonly Check[];
  /** Why a manual control is off by default. */
  readonly reason?: string;
}

export const CONFIGS = {
  authentication: "/etc/kubernetes/config/authentication.yaml",
  audit: "/etc/kubernetes/config/audit-policy.yaml",
  scheduler: "/etc/kubernetes/config/kube-scheduler.yaml",
  encryption: "/var/lib/kubernetes/encryption-config.yaml",
  kubelet: "/var/lib/kubelet/kubelet-config.yaml",
  "kube-proxy": "/var/lib/kube-proxy/kube-proxy-config.yaml",
} as const;

const is = (wanted: string): Requirement => ({
  says: wanted,
  holds: (value) => value === wanted,
  refuses: wanted === "true" ? "false" : "something else",
});
const set: Requirement = {
  says: "set",
  holds: (value) => value !== undefined && value !== "",
  refuses: undefined,
};
const unset: Requirement = { says: "not set", holds: (value) => value === undefined, refuses: "/tmp/anything" };
const notTrue: Requirement = { says: "not true", holds: (value) => value !== "true", refuses: "true" };
const words = (value: string | undefined): string[] => (value ?? "").split(",").filter((word) => word !== "");
const has = (word: string): Requirement => ({
  says: `with ${word}`,
  holds: (value) => words(value).includes(word),
  refuses: "Other",
});
const lacks = (word: string): Requirement => ({
  says: `without ${word}`,
  holds: (value) => !words(value).includes(word),
  refuses: `Other,${word}`,
});
const atLeast = (least: number): Requirement => ({
  says: `at least ${least}`,
  holds: (value) => Number(value) >= least,
  refuses: String(least - 1),
});
const STRONG = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];
const strong: Requirement = {
  says: "ECDHE with authenticated encryption alone",
  holds: (value) => words(value).length > 0 && words(value).every((suite) => STRONG.includes(suite)),
  refuses: `${STRONG[0]},TLS_RSA_WITH_AES_128_CBC_SHA`,
};
const strangersMayAsk = '{"path":"/livez"},{"path":"/readyz"},{"path":"/healthz"}';
const healthAlone: Requirement = {
  says: "/livez, /readyz and /healthz",
  holds: (value) => value === strangersMayAsk,
  refuses: undefined,
};

type AuditRule = { level?: string; resources?: { resources?: string[] }[] };
const auditRules = (value: string | undefined): AuditRule[] => JSON.parse(`[${value ?? ""}]`) as AuditRule[];
/** The level of the first rule that speaks of the resource, as the API server picks it. */
const audited = (resource: string, level: string): Requirement => ({
  says: `${resource} at ${level}`,
  holds: (value) =>
    auditRules(value).find((rule) => rule.resources?.some(({ resources }) => resources?.includes(resource)))?.level ===
    level,
  refuses: '{"level":"None"}',
});

const flag = (program: Program, name: string, must: Requirement): Check => ({ program, flag: `--${name}`, must });
const api = (name: string, must: Requirement): Check => flag("kube-apiserver", name, must);
const kubelet = (field: string, must: Requirement): Check => ({ config: CONFIGS.kubelet, field, must });
const unit = (name: string): string => `/etc/systemd/system/${name}.service`;

const table =
  (on: Control["on"]) =>
  (id: string, kind: Control["kind"], what: string, ...checks: Check[]): Control => ({ id, kind, on, what, checks });
const controller = table("controller");
const worker = table("worker");
const off = (id: string, on: Control["on"], what: string, reason: string): Control => ({
  id,
  kind: "manual",
  on,
  what,
  checks: [],
  reason,
});
/** Two controls that follow each other: the mode of a file and its owner. */
const file = (
  make: typeof controller,
  [first, second]: readonly [string, string],
  kind: Control["kind"],
  what: string,
  ...paths: string[]
): Control[] => [
  make(first, kind, `${what}: mode 600`, ...paths.map((path): Check => ({ path, mode: "600" }))),
  make(second, kind, `${what}: owner root`, ...paths.map((path): Check => ({ path, owner: "root:root" }))),
];

/** Sections 1 to 4 of the CIS Kubernetes Benchmark 1.12, for a cluster with the defaults of HardWayCluster. */
export const CIS_CONTROLS: readonly Control[] = [
  // The components are systemd units here, which stand where the benchmark speaks of pod specifications.
  ...file(controller, ["1.1.1", "1.1.2"], "automated", "unit of the API server", unit("kube-apiserver")),
  ...file(
    controller,
    ["1.1.3", "1.1.4"],
    "automated",
    "unit of the controller manager",
    unit("kube-controller-manager"),
  ),
  ...file(controller, ["1.1.5", "1.1.6"], "automated", "unit of the scheduler", unit("kube-scheduler")),
  ...file(controller, ["1.1.7", "1.1.8"], "automated", "unit of etcd", unit("etcd")),
  ...file(worker, ["1.1.9", "1.1.10"], "manual", "CNI configuration", "/etc/cni/net.d/*"),
  controller("1.1.11", "automated", "etcd's data: mode 700", { path: "/var/lib/etcd", mode: "700" }),
  controller("1.1.12", "automated", "etcd's data: owner etcd", { path: "/var/lib/etcd", owner: "etcd:etcd" }),
  ...file(
    controller,
    ["1.1.13", "1.1.14"],
    "automated",
    "admin's kubeconfig",
    "/var/lib/kubernetes/admin.kubeconfig",
    "/root/.kube/config",
  ),
  ...file(
    controller,
    ["1.1.15", "1.1.16"],
    "automated",
    "scheduler's kubeconfig",
    "/var/lib/kubernetes/kube-scheduler.kubeconfig",
  ),
  ...file(
    controller,
    ["1.1.17", "1.1.18"],
    "automated",
    "controller manager's kubeconfig",
    "/var/lib/kubernetes/kube-controller-manager.kubeconfig",
  ),
  controller(
    "1.1.19",
    "automated",
    "certificates and keys: owner root",
    { path: "/var/lib/kubernetes", owner: "root:root" },
    { path: "/var/lib/kubernetes/*", owner: "root:root" },
  ),
  controller(
    "1.1.20",
    "manual",
    "certificates: mode 644",
    { path: "/var/lib/kubernetes/*.pem", mode: "644" },
    { path: "/etc/etcd/*.pem", mode: "644" },
  ),
  controller(
    "1.1.21",
    "manual",
    "keys: mode 600",
    { path: "/var/lib/kubernetes/*-key.pem", mode: "600" },
    { path: "/etc/etcd/*-key.pem", mode: "600" },
  ),

  controller(
    "1.2.1",
    "manual",
    "strangers may ask for nothing but health",
    api("anonymous-auth", unset),
    api("authentication-config", is(CONFIGS.authentication)),
    { config: CONFIGS.authentication, field: "anonymous.conditions", must: healthAlone },
  ),
  controller("1.2.2", "automated", "no passwords in a file", api("token-auth-file", unset)),
  controller(
    "1.2.3",
    "manual",
    "no Services with external addresses",
    api("enable-admission-plugins", has("DenyServiceExternalIPs")),
  ),
  controller(
    "1.2.4",
    "automated",
    "a certificate for kubelets",
    api("kubelet-client-certificate", set),
    api("kubelet-client-key", set),
  ),
  controller("1.2.5", "automated", "kubelets' certificates are verified", api("kubelet-certificate-authority", set)),
  controller("1.2.6", "automated", "not everything is allowed", api("authorization-mode", lacks("AlwaysAllow"))),
  controller("1.2.7", "automated", "nodes are held to what is theirs", api("authorization-mode", has("Node"))),
  controller("1.2.8", "automated", "rights by role", api("authorization-mode", has("RBAC"))),
  off(
    "1.2.9",
    "controller",
    "admission plugin EventRateLimit",
    "it is alpha, off in Kubernetes itself, and its limits are of use only when they fit the workload",
  ),
  controller(
    "1.2.10",
    "automated",
    "not everything is admitted",
    api("enable-admission-plugins", lacks("AlwaysAdmit")),
  ),
  off(
    "1.2.11",
    "controller",
    "admission plugin AlwaysPullImages",
    "a pod would not start again while the registry is away, and images that a machine brings along could not be used",
  ),
  controller(
    "1.2.12",
    "automated",
    "admission plugin ServiceAccount",
    api("disable-admission-plugins", lacks("ServiceAccount")),
  ),
  controller(
    "1.2.13",
    "automated",
    "admission plugin NamespaceLifecycle",
    api("disable-admission-plugins", lacks("NamespaceLifecycle")),
  ),
  controller(
    "1.2.14",
    "automated",
    "admission plugin NodeRestriction",
    api("enable-admission-plugins", has("NodeRestriction")),
  ),
  controller("1.2.15", "automated", "API server without profiling", api("profiling", is("false"))),
  controller("1.2.16", "automated", "an audit log", api("audit-log-path", set)),
  controller("1.2.17", "automated", "audit log for 30 days", api("audit-log-maxage", atLeast(30))),
  controller("1.2.18", "automated", "audit log in 10 old files", api("audit-log-maxbackup", atLeast(10))),
  controller("1.2.19", "automated", "audit log in files of 100 MB", api("audit-log-maxsize", atLeast(100))),
  controller("1.2.20", "manual", "requests end after a minute, Kubernetes' own default", api("request-timeout", unset)),
  controller(
    "1.2.21",
    "automated",
    "tokens of deleted service accounts are refused",
    api("service-account-lookup", {
      says: "not set or true",
      holds: (value) => value === undefined || value === "true",
      refuses: "false",
    }),
  ),
  controller("1.2.22", "automated", "a key pair of its own for tokens", api("service-account-key-file", set)),
  controller("1.2.23", "automated", "a certificate for etcd", api("etcd-certfile", set), api("etcd-keyfile", set)),
  controller("1.2.24", "automated", "TLS", api("tls-cert-file", set), api("tls-private-key-file", set)),
  controller("1.2.25", "automated", "an authority for clients", api("client-ca-file", set)),
  controller("1.2.26", "automated", "etcd's certificate is verified", api("etcd-cafile", set)),
  controller(
    "1.2.27",
    "manual",
    "Secrets are encrypted in etcd",
    api("encryption-provider-config", is(CONFIGS.encryption)),
  ),
  controller("1.2.28", "manual", "by a provider that the benchmark knows: aescbc", {
    config: CONFIGS.encryption,
    field: "resources.0.providers.0.aescbc",
    must: set,
  }),
  controller(
    "1.2.29",
    "manual",
    "strong ciphers",
    api("tls-cipher-suites", strong),
    api("tls-min-version", is("VersionTLS12")),
  ),
  controller(
    "1.2.30",
    "automated",
    "pods' tokens live for an hour, not for a year",
    api("service-account-extend-token-expiration", is("false")),
  ),

  controller(
    "1.3.1",
    "manual",
    "ended pods are collected",
    flag("kube-controller-manager", "terminated-pod-gc-threshold", atLeast(1)),
  ),
  controller(
    "1.3.2",
    "automated",
    "controller manager without profiling",
    flag("kube-controller-manager", "profiling", is("false")),
  ),
  controller(
    "1.3.3",
    "automated",
    "each controller has rights of its own",
    flag("kube-controller-manager", "use-service-account-credentials", is("true")),
  ),
  controller(
    "1.3.4",
    "automated",
    "a key that signs tokens",
    flag("kube-controller-manager", "service-account-private-key-file", set),
  ),
  controller(
    "1.3.5",
    "automated",
    "pods get the authority of the API",
    flag("kube-controller-manager", "root-ca-file", set),
  ),
  controller(
    "1.3.6",
    "automated",
    "kubelets' serving certificates may be renewed",
    flag("kube-controller-manager", "feature-gates", lacks("RotateKubeletServerCertificate=false")),
  ),
  controller(
    "1.3.7",
    "automated",
    "controller manager on the loopback alone",
    flag("kube-controller-manager", "bind-address", is("127.0.0.1")),
  ),
  // The scheduler ignores its flag --profiling when it has a configuration file.
  controller(
    "1.4.1",
    "automated",
    "scheduler without profiling",
    flag("kube-scheduler", "config", is(CONFIGS.scheduler)),
    { config: CONFIGS.scheduler, field: "enableProfiling", must: is("false") },
  ),
  controller(
    "1.4.2",
    "automated",
    "scheduler on the loopback alone",
    flag("kube-scheduler", "bind-address", is("127.0.0.1")),
  ),

  controller(
    "2.1",
    "automated",
    "TLS for etcd's clients",
    flag("etcd", "cert-file", set),
    flag("etcd", "key-file", set),
  ),
  controller("2.2", "automated", "certificates of etcd's clients", flag("etcd", "client-cert-auth", is("true"))),
  controller("2.3", "automated", "no certificates that sign themselves", flag("etcd", "auto-tls", notTrue)),
  controller(
    "2.4",
    "automated",
    "TLS among etcd's members",
    flag("etcd", "peer-cert-file", set),
    flag("etcd", "peer-key-file", set),
  ),
  controller("2.5", "automated", "certificates of etcd's members", flag("etcd", "peer-client-cert-auth", is("true"))),
  controller("2.6", "automated", "nor among the members", flag("etcd", "peer-auto-tls", notTrue)),
  controller("2.7", "manual", "an authority of etcd's own", flag("etcd", "trusted-ca-file", is("/etc/etcd/ca.pem")), {
    path: "/etc/etcd/ca.pem",
    unlike: "/var/lib/kubernetes/ca.pem",
  }),

  off(
    "3.1.1",
    "controller",
    "no client certificates for people",
    "the admin kubeconfig is one, for the first administrator and for emergencies; give people certificates that expire within hours, of groups with few rights",
  ),
  off(
    "3.1.2",
    "controller",
    "no service account tokens for people",
    "the cluster makes none that lasts, but what people do with theirs it cannot see",
  ),
  controller("3.1.3", "manual", "no bootstrap tokens", api("enable-bootstrap-token-auth", notTrue)),
  controller("3.2.1", "manual", "an audit policy", api("audit-policy-file", is(CONFIGS.audit))),
  controller(
    "3.2.2",
    "manual",
    "that names secrets without showing them, and logs ways into pods",
    ...["secrets", "configmaps", "tokenreviews"].map((resource): Check => ({
      config: CONFIGS.audit,
      field: "rules",
      must: audited(resource, "Metadata"),
    })),
    ...["pods/exec", "pods/portforward", "pods/proxy", "services/proxy"].map((resource): Check => ({
      config: CONFIGS.audit,
      field: "rules",
      must: audited(resource, "Request"),
    })),
  ),

  ...file(worker, ["4.1.1", "4.1.2"], "automated", "unit of kubelet", unit("kubelet")),
  ...file(worker, ["4.1.3", "4.1.4"], "manual", "kube-proxy's kubeconfig", "/var/lib/kube-proxy/kubeconfig"),
  ...file(worker, ["4.1.5", "4.1.6"], "automated", "kubelet's kubeconfig", "/var/lib/kubelet/kubeconfig"),
  worker("4.1.7", "manual", "authority of clients: mode 644", { path: "/var/lib/kubernetes/ca.pem", mode: "644" }),
  worker("4.1.8", "manual", "authority of clients: owner root", {
    path: "/var/lib/kubernetes/ca.pem",
    owner: "root:root",
  }),
  ...file(worker, ["4.1.9", "4.1.10"], "automated", "kubelet's configuration", CONFIGS.kubelet),
  worker(
    "4.2.1",
    "automated",
    "kubelet answers no strangers",
    kubelet("authentication.anonymous.enabled", is("false")),
  ),
  worker("4.2.2", "automated", "kubelet asks the API who may", kubelet("authorization.mode", is("Webhook"))),
  worker("4.2.3", "automated", "an authority for kubelet's clients", kubelet("authentication.x509.clientCAFile", set)),
  worker(
    "4.2.4",
    "manual",
    "no port without authentication",
    kubelet("readOnlyPort", {
      says: "0 or not set",
      holds: (value) => value === undefined || value === "0",
      refuses: "10255",
    }),
  ),
  worker(
    "4.2.5",
    "manual",
    "idle connections end",
    kubelet("streamingConnectionIdleTimeout", {
      says: "set, not 0",
      holds: (value) => value !== undefined && !/^0[a-z]*$/.test(value),
      refuses: "0s",
    }),
  ),
  worker("4.2.6", "automated", "kubelet's chains in iptables", kubelet("makeIPTablesUtilChains", is("true"))),
  off(
    "4.2.7",
    "worker",
    "no --hostname-override",
    "a node is called what its certificate says, worker-0 and so on; a machine's own name in AWS is made of its address",
  ),
  worker("4.2.8", "manual", "events are not dropped early", kubelet("eventRecordQPS", atLeast(0))),
  worker(
    "4.2.9",
    "manual",
    "a serving certificate of the cluster's authority",
    kubelet("tlsCertFile", set),
    kubelet("tlsPrivateKeyFile", set),
  ),
  worker("4.2.10", "automated", "client certificates are renewed", kubelet("rotateCertificates", is("true"))),
  worker(
    "4.2.11",
    "manual",
    "serving certificates may be",
    kubelet("featureGates.RotateKubeletServerCertificate", {
      says: "not false",
      holds: (value) => value !== "false",
      refuses: "false",
    }),
  ),
  worker("4.2.12", "manual", "strong ciphers", kubelet("tlsCipherSuites", strong)),
  worker("4.2.13", "manual", "a limit of processes in a pod", kubelet("podPidsLimit", atLeast(1))),
  worker("4.2.14", "manual", "the runtime's seccomp profile", kubelet("seccompDefault", is("true"))),
  worker("4.3.1", "automated", "kube-proxy's metrics on the loopback alone", {
    config: CONFIGS["kube-proxy"],
    field: "metricsBindAddress",
    must: {
      says: "not set or on 127.0.0.1",
      holds: (value) => value === undefined || /^127\.0\.0\.1(:|$)/.test(value),
      refuses: "0.0.0.0:10249",
    },
  }),
];
