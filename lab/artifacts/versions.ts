/** What the lab serves to its machines: the defaults of the stacks. */
export const versions = {
  kubernetes: "1.36.3",
  etcd: "3.6.16",
  containerd: "2.3.4",
  runc: "1.4.3",
  cniPlugins: "1.9.1",
  coredns: "1.14.7",
  pause: "3.10.2",
  agnhost: "2.63.0",
} as const;
