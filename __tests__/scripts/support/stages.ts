import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ScratchMachine, scripts, type Variables } from "./machine";
import { type Mirror, releases } from "./mirror";

/** What a stage declares at the top of its run.sh. */
export interface Declaration {
  readonly reads: readonly string[];
  readonly mayBeEmpty: readonly string[];
}

/** The stages in the order in which a cluster comes to be. */
export const stageNames = [
  "ssh-host-key",
  "proxy",
  "control-plane-programs",
  "worker-programs",
  "etcd",
  "vxlan",
  "image-credentials",
  "control-plane",
  "rbac",
  "worker",
  "nodes",
  "coredns",
  "logs",
] as const;
export type StageName = (typeof stageNames)[number];

export function declaration(stage: StageName): Declaration {
  const text = readFileSync(join(scripts, stage, "run.sh"), "utf8");
  const names = (label: string): string[] =>
    (new RegExp(`^# ${label}:(.*)$`, "m").exec(text)?.[1] ?? "").split(" ").filter((name) => name !== "");
  return { reads: names("reads"), mayBeEmpty: names("may be empty") };
}

/** The steps of a stage, in their order. */
export function steps(stage: StageName): string[] {
  return [...readFileSync(join(scripts, stage, "run.sh"), "utf8").matchAll(/^step (\S+)$/gm)].map(([, name]) => name!);
}

/** The systemd units of a stage, by file name. */
export function units(stage: StageName): string[] {
  return readdirSync(join(scripts, stage)).includes("units") ? readdirSync(join(scripts, stage, "units")).sort() : [];
}

/** The command line of a unit, words as systemd splits them. */
export function commandLine(stage: StageName, unit: string): string[] {
  const text = readFileSync(join(scripts, stage, "units", unit), "utf8").replaceAll(/\\\n\s*/g, "");
  const line = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? "";
  return line.split(/\s+/).filter((word) => word !== "");
}

export function environment(stage: StageName, mirror: Mirror): Variables {
  const download = (variable: string, path: string): Variables => ({
    [`${variable}_URL`]: mirror.url(path),
    [`${variable}_SHA256`]: mirror.sum(path),
  });
  const kubernetes = (name: string): Variables =>
    download(name.toUpperCase().replaceAll("-", "_"), releases.kubernetes(name));
  // What one stage fetches and another installs.
  const controlPlanePrograms = {
    ...kubernetes("kube-apiserver"),
    ...kubernetes("kube-controller-manager"),
    ...kubernetes("kube-scheduler"),
    ...kubernetes("kubectl"),
  };
  const workerPrograms = {
    ...kubernetes("kubelet"),
    ...kubernetes("kube-proxy"),
    ...kubernetes("kubectl"),
    ...download("CONTAINERD", releases.containerd),
    ...download("RUNC", releases.runc),
    ...download("CNI_PLUGINS", releases.cniPlugins),
  };
  switch (stage) {
    case "ssh-host-key":
      return { NODE_NAME: "controller-0" };
    case "proxy":
      return { NODE_NAME: "controller-0", PROXY_CA: "yes" };
    case "control-plane-programs":
      return {
        NODE_NAME: "controller-0",
        ...controlPlanePrograms,
      };
    case "worker-programs":
      return {
        NODE_NAME: "worker-0",
        KUBE_PROXY_MODE: "iptables",
        PACKAGE_MIRROR: "http://mirror.example/debian",
        ...workerPrograms,
      };
    case "etcd":
      return {
        CLUSTER_NAME: "kubernetes",
        NODE_NAME: "controller-0",
        NODE_IP: "10.240.0.10",
        ETCD_VERSION: "3.6.16",
        ...download("ETCD", releases.etcd),
        ETCD_INITIAL_CLUSTER: "controller-0=https://10.240.0.10:2380",
        ETCD_CLUSTER_TOKEN: "etcd-cluster-0",
        ETCD_ARGUMENTS: "",
      };
    case "vxlan":
      return {
        NODE_NAME: "worker-0",
        NODE_IP: "10.240.0.20",
        POD_CIDR: "10.200.0.0/24",
        VXLAN_PEERS: "10.240.0.20=10.200.0.0/24 10.240.0.10=10.200.255.1/32",
      };
    case "image-credentials":
      return { NODE_NAME: "worker-0", ...download("ECR_CREDENTIAL_PROVIDER", releases.ecrCredentialProvider) };
    case "control-plane":
      return {
        CLUSTER_NAME: "kubernetes",
        NODE_NAME: "controller-0",
        NODE_IP: "10.240.0.10",
        SSH_USER: "admin",
        KUBERNETES_VERSION: "1.36.3",
        API_ADDRESS: "api.example",
        ETCD_SERVERS: "https://10.240.0.10:2379",
        SERVICE_CIDR: "10.32.0.0/24",
        POD_CIDR: "10.200.0.0/16",
        SERVICE_NODE_PORT_RANGE: "30000-32767",
        ...controlPlanePrograms,
        POD_NETWORK: "vpc-routes",
        HEALTH_PROXY: "",
        KUBE_APISERVER_ARGUMENTS: "",
        KUBE_CONTROLLER_MANAGER_ARGUMENTS: "",
        KUBE_SCHEDULER_ARGUMENTS: "",
        PACKAGE_MIRROR: "http://mirror.example/debian",
      };
    case "rbac":
      return { NODE_NAME: "controller-0" };
    case "worker":
      return {
        NODE_NAME: "worker-0",
        NODE_IP: "10.240.0.20",
        NODE_LABELS: "topology.kubernetes.io/zone=eu-west-1a",
        NODE_TAINTS: "dedicated=gpu:NoSchedule,busy:NoExecute",
        POD_NETWORK: "vpc-routes",
        POD_CIDR: "10.200.0.0/24",
        CLUSTER_POD_CIDR: "10.200.0.0/16",
        CLUSTER_DNS: "10.32.0.10",
        CLUSTER_DOMAIN: "cluster.local",
        API_ADDRESS: "api.example",
        KUBE_PROXY_MODE: "iptables",
        KUBELET_ARGUMENTS: "",
        KUBE_PROXY_ARGUMENTS: "",
        KUBELET_CONFIGURATION: "",
        CONTAINERD_CONFIGURATION: "",
        PAUSE_IMAGE: "registry.k8s.io/pause:3.10.2",
        IMAGE_MIRROR: "http://mirror.example",
        PACKAGE_MIRROR: "http://mirror.example/debian",
        KUBERNETES_VERSION: "1.36.3",
        CONTAINERD_VERSION: "2.3.4",
        RUNC_VERSION: "1.4.3",
        CNI_PLUGINS_VERSION: "1.9.1",
        ...workerPrograms,
      };
    case "nodes":
      return { NODE_NAME: "controller-0", NODES: "worker-0;topology.kubernetes.io/zone=eu-west-1a;" };
    case "logs":
      return {
        NODE_NAME: "worker-0",
        AWS_REGION: "eu-west-1",
        LOGS_ENDPOINT: "https://logs.eu-west-1.amazonaws.com",
        LOG_GROUP: "/kubernetes/nodes",
        OTELCOL_VERSION: "0.155.0",
        ...download("OTELCOL", releases.otelcol),
      };
    case "coredns":
      return {
        COREDNS_IMAGE: "docker.io/coredns/coredns:1.14.7",
        CLUSTER_DNS: "10.32.0.10",
        CLUSTER_DOMAIN: "cluster.local",
        NODE_NAME: "controller-0",
      };
  }
}

const uploads: Readonly<Record<StageName, readonly string[]>> = {
  "ssh-host-key": ["ssh-host-key", "ssh-host-key.pub"],
  proxy: ["proxy.env", "proxy-ca.pem"],
  etcd: ["etcd-ca.pem", "etcd.pem", "etcd-key.pem"],
  "control-plane": [
    "ca.pem",
    "ca-key.pem",
    "kube-apiserver.pem",
    "kube-apiserver-key.pem",
    "kubelet-client.pem",
    "kubelet-client-key.pem",
    "etcd-ca.pem",
    "etcd-client.pem",
    "etcd-client-key.pem",
    "front-proxy-ca.pem",
    "front-proxy-client.pem",
    "front-proxy-client-key.pem",
    "service-account.pem",
    "service-account-key.pem",
    "encryption-config.yaml",
    "kube-controller-manager.kubeconfig",
    "kube-scheduler.kubeconfig",
    "admin.kubeconfig",
  ],
  "control-plane-programs": [],
  "worker-programs": [],
  vxlan: [],
  "image-credentials": [],
  logs: [],
  rbac: [],
  worker: ["ca.pem", "kubelet.pem", "kubelet-key.pem", "kubelet.kubeconfig", "kube-proxy.kubeconfig"],
  nodes: [],
  coredns: [],
};

/** The files of a stage; each tells its own name, which is enough for a script that only moves them. */
export function files(stage: StageName): Record<string, string> {
  return Object.fromEntries(uploads[stage].map((name) => [name, read[name] ?? `content of ${name}\n`]));
}

/** Files that a script reads too. */
const read: Readonly<Record<string, string>> = {
  "proxy.env":
    "http_proxy='http://user:secret@proxy.example:3128'\nhttps_proxy='http://user:secret@proxy.example:3128'\n" +
    "no_proxy='localhost,127.0.0.0/8,10.240.0.0/24,.svc,api.example,mirror.example'\n",
};

/** Uploads a stage as Terraform would, with what earlier stages have left on such a machine. */
export function prepare(machine: ScratchMachine, stage: StageName, mirror: Mirror, changes: Variables = {}): void {
  machine.upload(stage, { ...environment(stage, mirror), ...changes }, files(stage));
  if (stage === "ssh-host-key") {
    machine.write("etc/ssh/sshd_config", "UsePAM yes\n");
    machine.write("etc/ssh/sshd_config.d/cloud.conf", "UseDNS no\n");
    machine.write("etc/ssh/ssh_host_ecdsa_key", "first key\n", 0o600);
    machine.write("etc/ssh/ssh_host_ecdsa_key.pub", "ecdsa-sha2-nistp256 first\n");
  }
  if (stage === "control-plane") machine.install("etcdctl");
  if (stage === "rbac" || stage === "nodes" || stage === "coredns") {
    machine.install("kubectl");
    machine.write("var/lib/kubernetes/admin.kubeconfig", "content of admin.kubeconfig\n", 0o600);
  }
}
