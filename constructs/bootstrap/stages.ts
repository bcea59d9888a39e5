import type { NodeEnv } from "./node-env";

/** A step of the bootstrap: what it does, where, from what, and after what. Upgrades and repairs depend on this table. */
export interface Stage {
  readonly name: StageName;
  readonly runsOn: "every machine" | "each controller" | "the first controller" | "each worker";
  readonly does: string;
  /** Stages, and parts of the network, that have to be complete on every machine before this one begins on any. */
  readonly waitsFor: readonly (StageName | "network" | "api" | "pod-routes")[];
  /** Variables of `node.env` that its script reads: a change of any other runs nothing. */
  readonly reads: readonly (keyof NodeEnv)[];
  /** Those of them that may be empty. */
  readonly mayBeEmpty: readonly (keyof NodeEnv)[];
  /** Secrets and certificates that it installs. */
  readonly files: readonly string[];
  /** Its connection may trust the host key in user data, so only another machine or other files make it run again. */
  readonly firstConnection?: true;
}

export type StageName =
  | "ssh-host-key"
  | "proxy"
  | "etcd"
  | "vxlan"
  | "image-credentials"
  | "control-plane"
  | "rbac"
  | "worker"
  | "nodes"
  | "coredns";

/** In the order of events. */
export const STAGES: readonly Stage[] = [
  {
    name: "ssh-host-key",
    runsOn: "every machine",
    does: "gives sshd a host key that was never in user data; all other stages connect to that key alone",
    waitsFor: ["network"],
    reads: ["NODE_NAME"],
    mayBeEmpty: [],
    files: ["ssh-host-key", "ssh-host-key.pub"],
    firstConnection: true,
  },
  {
    name: "proxy",
    runsOn: "every machine",
    does: "has downloads, apt, containerd and kubelet go through the HTTP proxy, where there is one",
    waitsFor: ["ssh-host-key"],
    reads: ["NODE_NAME", "PROXY_CA"],
    mayBeEmpty: ["PROXY_CA"],
    files: ["proxy.env", "proxy-ca.pem"],
  },
  {
    name: "etcd",
    runsOn: "each controller",
    does: "starts an etcd member, without waiting for the others",
    waitsFor: ["ssh-host-key", "proxy"],
    reads: [
      "CLUSTER_NAME",
      "NODE_NAME",
      "NODE_IP",
      "ETCD_VERSION",
      "ETCD_URL",
      "ETCD_SHA256",
      "ETCD_INITIAL_CLUSTER",
      "ETCD_CLUSTER_TOKEN",
      "ETCD_ARGUMENTS",
    ],
    mayBeEmpty: ["ETCD_SHA256", "ETCD_ARGUMENTS"],
    files: ["etcd-ca.pem", "etcd.pem", "etcd-key.pem"],
  },
  {
    name: "vxlan",
    runsOn: "every machine",
    does: "with `podNetwork: vxlan` alone, makes the device through which pods of other nodes are reached",
    waitsFor: ["ssh-host-key"],
    reads: ["NODE_NAME", "NODE_IP", "POD_CIDR", "VXLAN_PEERS"],
    mayBeEmpty: [],
    files: [],
  },
  {
    name: "image-credentials",
    runsOn: "each worker",
    does: "with `containerRegistry` alone, installs the program by which kubelet gets credentials for images of ECR",
    waitsFor: ["ssh-host-key", "proxy"],
    reads: ["NODE_NAME", "ECR_CREDENTIAL_PROVIDER_URL", "ECR_CREDENTIAL_PROVIDER_SHA256"],
    mayBeEmpty: ["ECR_CREDENTIAL_PROVIDER_SHA256"],
    files: [],
  },
  {
    name: "control-plane",
    runsOn: "each controller",
    does: "waits for etcd's quorum, then runs API server, controller manager and scheduler until /readyz is ok",
    waitsFor: ["etcd"],
    reads: [
      "CLUSTER_NAME",
      "NODE_NAME",
      "NODE_IP",
      "SSH_USER",
      "KUBERNETES_VERSION",
      "API_ADDRESS",
      "ETCD_SERVERS",
      "SERVICE_CIDR",
      "POD_CIDR",
      "SERVICE_NODE_PORT_RANGE",
      "KUBE_APISERVER_URL",
      "KUBE_APISERVER_SHA256",
      "KUBE_CONTROLLER_MANAGER_URL",
      "KUBE_CONTROLLER_MANAGER_SHA256",
      "KUBE_SCHEDULER_URL",
      "KUBE_SCHEDULER_SHA256",
      "KUBECTL_URL",
      "KUBECTL_SHA256",
      "POD_NETWORK",
      "HEALTH_PROXY",
      "PACKAGE_MIRROR",
      "KUBE_APISERVER_ARGUMENTS",
      "KUBE_CONTROLLER_MANAGER_ARGUMENTS",
      "KUBE_SCHEDULER_ARGUMENTS",
    ],
    mayBeEmpty: [
      "HEALTH_PROXY",
      "PACKAGE_MIRROR",
      "KUBE_APISERVER_ARGUMENTS",
      "KUBE_CONTROLLER_MANAGER_ARGUMENTS",
      "KUBE_SCHEDULER_ARGUMENTS",
    ],
    files: [
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
  },
  {
    name: "rbac",
    runsOn: "the first controller",
    does: "lets the API server call kubelets",
    waitsFor: ["control-plane"],
    reads: ["NODE_NAME"],
    mayBeEmpty: [],
    files: [],
  },
  {
    name: "worker",
    runsOn: "each worker",
    does: "runs containerd, kubelet and kube-proxy until the node is Ready",
    waitsFor: ["api", "pod-routes", "vxlan", "image-credentials", "rbac"],
    reads: [
      "NODE_NAME",
      "NODE_IP",
      "NODE_LABELS",
      "NODE_TAINTS",
      "POD_NETWORK",
      "POD_CIDR",
      "CLUSTER_POD_CIDR",
      "CLUSTER_DNS",
      "CLUSTER_DOMAIN",
      "API_ADDRESS",
      "KUBE_PROXY_MODE",
      "PAUSE_IMAGE",
      "IMAGE_MIRROR",
      "PACKAGE_MIRROR",
      "KUBERNETES_VERSION",
      "CONTAINERD_VERSION",
      "RUNC_VERSION",
      "CNI_PLUGINS_VERSION",
      "KUBELET_URL",
      "KUBELET_SHA256",
      "KUBE_PROXY_URL",
      "KUBE_PROXY_SHA256",
      "KUBECTL_URL",
      "KUBECTL_SHA256",
      "CONTAINERD_URL",
      "CONTAINERD_SHA256",
      "RUNC_URL",
      "RUNC_SHA256",
      "CNI_PLUGINS_URL",
      "CNI_PLUGINS_SHA256",
      "KUBELET_ARGUMENTS",
      "KUBE_PROXY_ARGUMENTS",
      "KUBELET_CONFIGURATION",
      "CONTAINERD_CONFIGURATION",
    ],
    mayBeEmpty: [
      "NODE_TAINTS",
      "IMAGE_MIRROR",
      "PACKAGE_MIRROR",
      "KUBELET_ARGUMENTS",
      "KUBE_PROXY_ARGUMENTS",
      "KUBELET_CONFIGURATION",
      "CONTAINERD_CONFIGURATION",
    ],
    files: ["ca.pem", "kubelet.pem", "kubelet-key.pem", "kubelet.kubeconfig", "kube-proxy.kubeconfig"],
  },
  {
    name: "nodes",
    runsOn: "the first controller",
    does: "gives nodes the labels and taints of their pools, and takes away those that are theirs no longer",
    waitsFor: ["worker"],
    reads: ["NODE_NAME", "NODES"],
    mayBeEmpty: [],
    files: [],
  },
  {
    name: "coredns",
    runsOn: "the first controller",
    does: "puts cluster DNS on the workers and waits until it answers",
    waitsFor: ["worker"],
    reads: ["COREDNS_IMAGE", "CLUSTER_DNS", "CLUSTER_DOMAIN", "NODE_NAME"],
    mayBeEmpty: [],
    files: [],
  },
];

/** @throws Error for a stage that the table does not have. */
export function stageNamed(name: StageName): Stage {
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`no stage '${name}'`);
  return stage;
}
