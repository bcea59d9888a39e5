import { MachinesApp } from "../support/machines-app";

// Private machines in two zones, each with its own way out; a second pool; a bastion as the only path of the bootstrap.
const app = new MachinesApp("zones");
const cluster = app.cluster({
  topology: "private",
  availabilityZones: 2,
  nat: "per-zone",
  apiExposure: "internet",
  bastion: {},
  controlPlane: { count: 1 },
  workers: { count: 1, labels: { tier: "general" } },
  workerPools: {
    edge: {
      // What later applies change.
      count: Number(process.env["EDGE_COUNT"] ?? 2),
      firstHost: 40,
      labels: { tier: process.env["EDGE_TIER"] ?? "edge" },
      taints: [{ key: "dedicated", value: process.env["EDGE_TIER"] ?? "edge", effect: "NoSchedule" }],
    },
  },
  mirrors: app.mirrors(),
});
app.outputs(cluster, "privateIp");
app.output("bastion", cluster.bastionAddress);
app.synth();
