// Source: kubernetes.io/docs/reference/networking/ports-and-protocols (2026-08); etcd.io/docs/v3.6/op-guide/configuration.
/** The ports that the parts of a cluster listen on. */
export const PORTS = {
  ssh: 22,
  healthProxy: 80,
  etcdClient: 2379,
  etcdPeer: 2380,
  api: 6443,
  kubelet: 10250,
  vxlan: 8472,
  nodePortFirst: 30000,
  nodePortLast: 32767,
} as const;
