import { PORTS } from "../facts/ports";

/** Who has a security group of their own. */
export type Role = "control-plane" | "worker" | "api" | "bastion" | "instance-connect";

/** A block outside the groups that rules speak of; what it is, the cluster says. */
export type Peer = Role | "admin" | "pods" | "network";

export interface FirewallRule {
  /** Stable part of the Terraform address. */
  readonly id: string;
  readonly from: Peer;
  readonly to: Role;
  readonly protocol: "tcp" | "udp" | "icmp" | "all";
  /** One port or a range; none for `icmp` and `all`. */
  readonly port?: number | { readonly from: number; readonly to: number };
  /** Becomes the rule's description in AWS. */
  readonly why: string;
}

const admin: readonly FirewallRule[] = [
  {
    id: "admin-ssh-control-plane",
    from: "admin",
    to: "control-plane",
    protocol: "tcp",
    port: PORTS.ssh,
    why: "people and Terraform log in",
  },
  {
    id: "admin-ssh-worker",
    from: "admin",
    to: "worker",
    protocol: "tcp",
    port: PORTS.ssh,
    why: "people and Terraform log in",
  },
  {
    id: "admin-ping-control-plane",
    from: "admin",
    to: "control-plane",
    protocol: "icmp",
    why: "ping and path MTU discovery",
  },
  { id: "admin-ping-worker", from: "admin", to: "worker", protocol: "icmp", why: "ping and path MTU discovery" },
  { id: "admin-api", from: "admin", to: "api", protocol: "tcp", port: PORTS.api, why: "kubectl from outside" },
  {
    id: "api-control-plane",
    from: "api",
    to: "control-plane",
    protocol: "tcp",
    port: PORTS.api,
    why: "load balancer to API servers, and its health checks",
  },
];

/** Beside either table, where the balancer is internal: machines reach it at its private address. */
export const INTERNAL_API_RULES: readonly FirewallRule[] = [
  {
    id: "worker-balancer",
    from: "worker",
    to: "api",
    protocol: "tcp",
    port: PORTS.api,
    why: "kubelets and kube-proxies to the load balancer",
  },
];

/** Beside either table, where the balancer asks nginx for an API server's health. */
export const HEALTH_PROXY_RULES: readonly FirewallRule[] = [
  {
    id: "api-health-proxy",
    from: "api",
    to: "control-plane",
    protocol: "tcp",
    port: PORTS.healthProxy,
    why: "health checks of the load balancer",
  },
];

/** Beside either table, where there is a bastion. */
export const BASTION_RULES: readonly FirewallRule[] = [
  {
    id: "admin-ssh-bastion",
    from: "admin",
    to: "bastion",
    protocol: "tcp",
    port: PORTS.ssh,
    why: "people and Terraform on their way to the machines",
  },
  {
    id: "bastion-ssh-control-plane",
    from: "bastion",
    to: "control-plane",
    protocol: "tcp",
    port: PORTS.ssh,
    why: "people and Terraform through the bastion",
  },
  {
    id: "bastion-ssh-worker",
    from: "bastion",
    to: "worker",
    protocol: "tcp",
    port: PORTS.ssh,
    why: "people and Terraform through the bastion",
  },
  {
    id: "bastion-api",
    from: "bastion",
    to: "api",
    protocol: "tcp",
    port: PORTS.api,
    why: "kubectl through the bastion",
  },
];

/** Beside either table, where people come in through an endpoint of EC2 Instance Connect. */
export const INSTANCE_CONNECT_RULES: readonly FirewallRule[] = [
  {
    id: "instance-connect-control-plane",
    from: "instance-connect",
    to: "control-plane",
    protocol: "tcp",
    port: PORTS.ssh,
    why: "people through EC2 Instance Connect",
  },
  {
    id: "instance-connect-worker",
    from: "instance-connect",
    to: "worker",
    protocol: "tcp",
    port: PORTS.ssh,
    why: "people through EC2 Instance Connect",
  },
];

// A security group sees where a packet comes from, not which of a machine's addresses it is for: so what nodes may
// send to pods they may send to workers, and only the control plane, which runs no pods, gets single ports.
/** The default: single ports between nodes, everything to and from pods. */
export const FIREWALL_RULES: readonly FirewallRule[] = [
  ...admin,
  {
    id: "etcd",
    from: "control-plane",
    to: "control-plane",
    protocol: "tcp",
    port: { from: PORTS.etcdClient, to: PORTS.etcdPeer },
    why: "API servers to etcd, and etcd among its members",
  },
  {
    id: "worker-api",
    from: "worker",
    to: "control-plane",
    protocol: "tcp",
    port: PORTS.api,
    why: "the kubernetes service from host processes",
  },
  { id: "pods-control-plane", from: "pods", to: "control-plane", protocol: "all", why: "pods to the API servers" },
  { id: "pods-worker", from: "pods", to: "worker", protocol: "all", why: "pods to pods and nodes, DNS among them" },
  {
    id: "control-plane-worker",
    from: "control-plane",
    to: "worker",
    protocol: "all",
    why: "API servers to kubelets, webhooks and proxied pods",
  },
  {
    id: "worker-worker",
    from: "worker",
    to: "worker",
    protocol: "all",
    why: "nodes to pods of other nodes, NodePorts among them",
  },
];

const between = (from: "control-plane" | "worker", to: "control-plane" | "worker"): FirewallRule => ({
  id: `vxlan-${from}-${to}`,
  from,
  to,
  protocol: "udp",
  port: PORTS.vxlan,
  why: "packets of pods, inside of UDP",
});
/** Beside any table, where pods use vxlan. */
export const VXLAN_RULES: readonly FirewallRule[] = [
  between("worker", "worker"),
  between("worker", "control-plane"),
  between("control-plane", "worker"),
];

const nodePorts = (from: "control-plane" | "worker", protocol: "tcp" | "udp"): FirewallRule => ({
  id: `${from}-node-ports-${protocol}`,
  from,
  to: "worker",
  protocol,
  port: { from: PORTS.nodePortFirst, to: PORTS.nodePortLast },
  why: "NodePorts",
});
/** The default where pods use vxlan: of pods the network sees nothing, so nodes have single ports towards each other. */
export const VXLAN_FIREWALL_RULES: readonly FirewallRule[] = [
  ...FIREWALL_RULES.filter(({ id }) => admin.some((rule) => rule.id === id) || ["etcd", "worker-api"].includes(id)),
  {
    id: "control-plane-kubelet",
    from: "control-plane",
    to: "worker",
    protocol: "tcp",
    port: PORTS.kubelet,
    why: "API servers to kubelets",
  },
  {
    id: "worker-kubelet",
    from: "worker",
    to: "worker",
    protocol: "tcp",
    port: PORTS.kubelet,
    why: "what collects metrics, in a pod, to kubelets",
  },
  nodePorts("control-plane", "tcp"),
  nodePorts("control-plane", "udp"),
  nodePorts("worker", "tcp"),
  nodePorts("worker", "udp"),
];

/** As the guides do it: everything from the network and from the pods, to everything. */
export const OPEN_FIREWALL_RULES: readonly FirewallRule[] = [
  ...admin,
  {
    id: "network-control-plane",
    from: "network",
    to: "control-plane",
    protocol: "all",
    why: "everything inside the network",
  },
  { id: "network-worker", from: "network", to: "worker", protocol: "all", why: "everything inside the network" },
  { id: "pods-control-plane", from: "pods", to: "control-plane", protocol: "all", why: "everything from pods" },
  { id: "pods-worker", from: "pods", to: "worker", protocol: "all", why: "everything from pods" },
];
