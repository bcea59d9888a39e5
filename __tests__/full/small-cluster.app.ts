import { MachinesApp } from "../support/machines-app";

// The other choice wherever the main stack takes the default; three controllers, since one alone waits for no other.
const app = new MachinesApp("small");
const cluster = app.cluster({
  networkCidr: "10.77.0.0/24",
  podCidr: "10.78.0.0/16",
  serviceCidr: "10.79.0.0/24",
  controlPlane: { count: 3, firstHost: 5 },
  workers: { count: 2, firstHost: 9 },
  podNetwork: "vxlan",
  certificates: { algorithm: "ECDSA" },
  kubeProxyMode: "nftables",
  healthCheck: "nginx",
  extraArguments: {
    etcd: { "auto-compaction-retention": "2h" },
    kubeApiserver: { "event-ttl": "2h" },
    kubeControllerManager: { "node-monitor-grace-period": "55s" },
    kubeScheduler: { v: "3" },
    kubelet: { v: "3" },
    kubeProxy: { v: "3" },
  },
  kubeletConfiguration: { maxPods: 60 },
  containerdConfiguration: 'version = 3\n[debug]\n  level = "warn"\n',
  ...(process.env["CONTAINER_REGISTRY"] === "true" ? { containerRegistry: {} } : {}),
  mirrors: app.mirrors(),
});
app.outputs(cluster);
app.synth();
