import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RELEASES } from "../../constructs/facts/versions";
import { flagTable, tableNames, type Flags } from "../support/flags";
import { scripts } from "./support/machine";
import { commandLine, type StageName, stageNames, units } from "./support/stages";

// The unit of vxlan starts a script of ours, which has no flags; that of logs starts nothing of Kubernetes.
const every = stageNames
  .filter((stage) => stage !== "vxlan" && stage !== "logs")
  .flatMap((stage) => units(stage).map((unit): [StageName, string] => [stage, unit]));
const text = (stage: StageName, unit: string): string => readFileSync(join(scripts, stage, "units", unit), "utf8");

/** The flags of a unit with their values. */
function flags(stage: StageName, unit: string): Record<string, string> {
  const words = commandLine(stage, unit).filter((word) => word.startsWith("--"));
  return Object.fromEntries(words.map((word) => [word.replace(/=.*$/s, ""), word.replace(/^[^=]*=/, "")]));
}

describe.each(RELEASES)("beside Kubernetes $kubernetes", (release) => {
  const known: Record<string, Flags> = Object.assign(
    {},
    ...Object.keys(tableNames(release)).map((name) => flagTable(name).programs),
  ) as Record<string, Flags>;

  test.each(every)(
    "%s/%s has only flags that its program knows and has not deprecated (S0-24, FT-34, FT-97)",
    (stage, unit) => {
      const used = Object.keys(flags(stage, unit));

      expect(used.filter((flag) => !known[unit.replace(".service", "")]!.flags.includes(flag))).toEqual([]);
      expect(used).not.toEqual([]);
    },
  );
});

test("the tables know what was removed and what is deprecated (O-05, S0-24)", () => {
  const kubelets = ["1.34.4", "1.35.4", "1.36.3"].map(
    (version) => flagTable(`kubernetes-${version}`).programs["kubelet"]!,
  );
  const sandboxes = ({ flags, deprecated }: Flags): string[] =>
    [...flags, ...deprecated].filter((flag) => flag === "--pod-infra-container-image");

  for (const { deprecated } of kubelets) expect(deprecated).toContain("--tls-cert-file");
  expect(kubelets.map(sandboxes)).toEqual([["--pod-infra-container-image"], [], []]);
});

test.each(every)("%s/%s comes back after a failure and after a boot (S1-35)", (stage, unit) => {
  const lines = text(stage, unit).split("\n");

  expect(lines).toContain(unit === "containerd.service" ? "Restart=always" : "Restart=on-failure");
  expect(lines).toContain("RestartSec=5");
  expect(lines).toContain("WantedBy=multi-user.target");
});

test.each(every)("%s/%s is a unit file of three sections, each with settings", (stage, unit) => {
  const lines = text(stage, unit)
    .replaceAll(/\\\n/g, "")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

  expect(lines.filter((line) => line.startsWith("["))).toEqual(["[Unit]", "[Service]", "[Install]"]);
  for (const line of lines) expect(line).toMatch(/^(\[[A-Z][a-z]+\]|[A-Z][A-Za-z]+=.+)$/);
});

test("etcd: names, addresses and ports of a member, with certificates both ways (FT-30, FT-31)", () => {
  expect(flags("etcd", "etcd.service")).toEqual({
    "--name": "${NODE_NAME}",
    "--data-dir": "/var/lib/etcd",
    "--cert-file": "/etc/etcd/etcd.pem",
    "--key-file": "/etc/etcd/etcd-key.pem",
    "--trusted-ca-file": "/etc/etcd/ca.pem",
    "--client-cert-auth": "true",
    "--peer-cert-file": "/etc/etcd/etcd.pem",
    "--peer-key-file": "/etc/etcd/etcd-key.pem",
    "--peer-trusted-ca-file": "/etc/etcd/ca.pem",
    "--peer-client-cert-auth": "true",
    "--tls-min-version": "TLS1.2",
    "--listen-peer-urls": "https://${NODE_IP}:2380",
    "--initial-advertise-peer-urls": "https://${NODE_IP}:2380",
    "--listen-client-urls": "https://${NODE_IP}:2379,https://127.0.0.1:2379",
    "--advertise-client-urls": "https://${NODE_IP}:2379",
    "--initial-cluster-token": "${ETCD_CLUSTER_TOKEN}",
    "--initial-cluster": "${ETCD_INITIAL_CLUSTER}",
    "--initial-cluster-state": "new",
  });
  expect(text("etcd", "etcd.service")).toMatch(/^User=etcd$/m);
});

// etcd refuses to start when a flag is in its environment too, and warns of ETCD_… that it does not know.
test("etcd: no ETCD_ variable of node.env reaches etcd", () => {
  const words = commandLine("etcd", "etcd.service");
  const removed = words.filter((_, index) => words[index - 1] === "-u");

  expect(removed).toEqual([
    "ETCD_VERSION",
    "ETCD_URL",
    "ETCD_SHA256",
    "ETCD_INITIAL_CLUSTER",
    "ETCD_CLUSTER_TOKEN",
    "ETCD_ARGUMENTS",
  ]);
});

test("kube-apiserver: the guide's flags and those of the CIS benchmark (FT-34)", () => {
  const apiserver = flags("control-plane", "kube-apiserver.service");

  expect(apiserver).toMatchObject({
    "--advertise-address": "${NODE_IP}",
    "--bind-address": "0.0.0.0",
    "--allow-privileged": "true",
    "--audit-log-maxage": "30",
    "--audit-log-maxbackup": "10",
    "--audit-log-maxsize": "100",
    "--audit-log-path": "/var/log/audit.log",
    "--audit-policy-file": "/etc/kubernetes/config/audit-policy.yaml",
    "--authentication-config": "/etc/kubernetes/config/authentication.yaml",
    "--authorization-mode": "Node,RBAC",
    "--client-ca-file": "/var/lib/kubernetes/ca.pem",
    "--encryption-provider-config": "/var/lib/kubernetes/encryption-config.yaml",
    "--etcd-cafile": "/var/lib/kubernetes/etcd-ca.pem",
    "--etcd-certfile": "/var/lib/kubernetes/etcd-client.pem",
    "--etcd-keyfile": "/var/lib/kubernetes/etcd-client-key.pem",
    "--etcd-servers": "${ETCD_SERVERS}",
    "--event-ttl": "1h",
    "--kubelet-certificate-authority": "/var/lib/kubernetes/ca.pem",
    "--kubelet-client-certificate": "/var/lib/kubernetes/kubelet-client.pem",
    "--kubelet-client-key": "/var/lib/kubernetes/kubelet-client-key.pem",
    "--profiling": "false",
    "--service-account-extend-token-expiration": "false",
    "--service-account-key-file": "/var/lib/kubernetes/service-account.pem",
    "--service-account-signing-key-file": "/var/lib/kubernetes/service-account-key.pem",
    "--service-cluster-ip-range": "${SERVICE_CIDR}",
    "--service-node-port-range": "${SERVICE_NODE_PORT_RANGE}",
    "--shutdown-send-retry-after": "true",
    "--tls-cert-file": "/var/lib/kubernetes/kube-apiserver.pem",
    "--tls-private-key-file": "/var/lib/kubernetes/kube-apiserver-key.pem",
    "--tls-min-version": "VersionTLS12",
    "--v": "2",
  });
  expect(apiserver["--enable-admission-plugins"]?.split(",")).toEqual([
    "NamespaceLifecycle",
    "NodeRestriction",
    "LimitRanger",
    "ServiceAccount",
    "DefaultStorageClass",
    "ResourceQuota",
    "DenyServiceExternalIPs",
  ]);
  for (const cipher of apiserver["--tls-cipher-suites"]?.split(",") ?? []) expect(cipher).toMatch(/_(GCM|POLY1305)_/);
});

test.each([
  "--anonymous-auth",
  "--token-auth-file",
  "--apiserver-count",
  "--runtime-config",
  "--disable-admission-plugins",
])("kube-apiserver: %s is not set", (flag) => {
  expect(flags("control-plane", "kube-apiserver.service")).not.toHaveProperty(flag);
});

test("kube-apiserver: tokens are issued in the name of the API's address (FT-40, F-10)", () => {
  expect(flags("control-plane", "kube-apiserver.service")).toMatchObject({
    "--service-account-issuer": "https://${API_ADDRESS}:6443",
    "--service-account-jwks-uri": "https://${API_ADDRESS}:6443/openid/v1/jwks",
  });
});

test("kube-controller-manager: signs, elects, and listens to nobody else (FT-35)", () => {
  const kubeconfig = "/var/lib/kubernetes/kube-controller-manager.kubeconfig";

  expect(flags("control-plane", "kube-controller-manager.service")).toEqual({
    "--authentication-kubeconfig": kubeconfig,
    "--authorization-kubeconfig": kubeconfig,
    "--kubeconfig": kubeconfig,
    "--bind-address": "127.0.0.1",
    "--cluster-cidr": "${POD_CIDR}",
    "--cluster-name": "${CLUSTER_NAME}",
    "--cluster-signing-cert-file": "/var/lib/kubernetes/ca.pem",
    "--cluster-signing-key-file": "/var/lib/kubernetes/ca-key.pem",
    "--leader-elect": "true",
    "--profiling": "false",
    "--root-ca-file": "/var/lib/kubernetes/ca.pem",
    "--service-account-private-key-file": "/var/lib/kubernetes/service-account-key.pem",
    "--service-cluster-ip-range": "${SERVICE_CIDR}",
    "--terminated-pod-gc-threshold": "1000",
    "--tls-min-version": "VersionTLS12",
    "--use-service-account-credentials": "true",
    "--v": "2",
  });
});

test("kube-scheduler: its configuration is a file, and it listens to nobody else (FT-36)", () => {
  expect(flags("control-plane", "kube-scheduler.service")).toMatchObject({
    "--config": "/etc/kubernetes/config/kube-scheduler.yaml",
    "--bind-address": "127.0.0.1",
  });
});

test("kubelet: has the flags that are still flags, and none of the removed ones (FT-45)", () => {
  expect(flags("worker", "kubelet.service")).toEqual({
    "--config": "/var/lib/kubelet/kubelet-config.yaml",
    "--config-dir": "/etc/kubernetes/kubelet.conf.d",
    "--kubeconfig": "/var/lib/kubelet/kubeconfig",
    "--node-labels": "${NODE_LABELS}",
    "--hostname-override": "${NODE_NAME}",
    "--node-ip": "${NODE_IP}",
    "--v": "2",
  });
  expect(text("worker", "kubelet.service")).toMatch(/^Requires=containerd.service$/m);
});

test("containerd: containers outlive it, and it owns their cgroups (FT-43)", () => {
  const lines = text("worker", "containerd.service").split("\n");

  expect(lines).toEqual(
    expect.arrayContaining(["Type=notify", "Delegate=yes", "KillMode=process", "OOMScoreAdjust=-999"]),
  );
});
