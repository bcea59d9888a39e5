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

export type StageName = "ssh-host-key" | "proxy" | "etcd" | "control-plane" | "rbac" | "worker" | "nodes" | "coredns";

/** Every variable that a node script may read, by its name in `node.env`. */
export interface NodeEnv {
  readonly CLUSTER_NAME: string;
  /** Host name, node name and etcd member name. */
  readonly NODE_NAME: string;
  readonly NODE_IP: string;
  /** The login user, who gets an admin kubeconfig on controllers. */
  readonly SSH_USER: string;
  readonly ETCD_VERSION: string;
  readonly ETCD_URL: string;
  readonly ETCD_SHA256: string;
  readonly ETCD_INITIAL_CLUSTER: string;
  readonly ETCD_CLUSTER_TOKEN: string;
  readonly ETCD_SERVERS: string;
  readonly KUBERNETES_VERSION: string;
  /** The name under which workers and people reach the API. */
  readonly API_ADDRESS: string;
  readonly SERVICE_CIDR: string;
  readonly SERVICE_NODE_PORT_RANGE: string;
  /** On a controller the pods of the whole cluster, on a worker the node's own. */
  readonly POD_CIDR: string;
  readonly CLUSTER_POD_CIDR: string;
  /** Labels that kubelet registers its node with: `key=value,key=value`. */
  readonly NODE_LABELS: string;
  /** Taints that it registers with: `key=value:effect,key:effect`. */
  readonly NODE_TAINTS: string;
  /** Every node with its labels and taints: `name;labels;taints`, with a space between nodes. */
  readonly NODES: string;
  readonly CLUSTER_DNS: string;
  readonly CLUSTER_DOMAIN: string;
  readonly KUBE_PROXY_MODE: string;
  readonly PAUSE_IMAGE: string;
  readonly COREDNS_IMAGE: string;
  readonly IMAGE_MIRROR: string;
  readonly PACKAGE_MIRROR: string;
  /** `nginx` where the load balancer asks it for the API server's health, else empty. */
  readonly HEALTH_PROXY: string;
  /** `yes` where the proxy has an authority of its own, else empty. */
  readonly PROXY_CA: string;
  readonly CONTAINERD_VERSION: string;
  readonly RUNC_VERSION: string;
  readonly CNI_PLUGINS_VERSION: string;
  readonly KUBE_APISERVER_URL: string;
  readonly KUBE_APISERVER_SHA256: string;
  readonly KUBE_CONTROLLER_MANAGER_URL: string;
  readonly KUBE_CONTROLLER_MANAGER_SHA256: string;
  readonly KUBE_SCHEDULER_URL: string;
  readonly KUBE_SCHEDULER_SHA256: string;
  readonly KUBECTL_URL: string;
  readonly KUBECTL_SHA256: string;
  readonly KUBELET_URL: string;
  readonly KUBELET_SHA256: string;
  readonly KUBE_PROXY_URL: string;
  readonly KUBE_PROXY_SHA256: string;
  readonly CONTAINERD_URL: string;
  readonly CONTAINERD_SHA256: string;
  readonly RUNC_URL: string;
  readonly RUNC_SHA256: string;
  readonly CNI_PLUGINS_URL: string;
  readonly CNI_PLUGINS_SHA256: string;
}

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
    ],
    mayBeEmpty: ["ETCD_SHA256"],
    files: ["etcd-ca.pem", "etcd.pem", "etcd-key.pem"],
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
      "HEALTH_PROXY",
      "PACKAGE_MIRROR",
    ],
    mayBeEmpty: ["HEALTH_PROXY", "PACKAGE_MIRROR"],
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
    waitsFor: ["api", "pod-routes", "rbac"],
    reads: [
      "NODE_NAME",
      "NODE_IP",
      "NODE_LABELS",
      "NODE_TAINTS",
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
    ],
    mayBeEmpty: ["NODE_TAINTS", "IMAGE_MIRROR", "PACKAGE_MIRROR"],
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
    waitsFor: ["nodes"],
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
