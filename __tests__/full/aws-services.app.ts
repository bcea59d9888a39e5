import { MachinesApp } from "../support/machines-app";

// Nodes that use AWS by themselves, with the role of their instances: CloudWatch for logs, ECR for images.
const app = new MachinesApp("services");
const cluster = app.cluster({
  controlPlane: { count: 1 },
  workers: { count: 1 },
  logs: {},
  containerRegistry: { pullThrough: { kubernetes: { registry: "registry.k8s.io" } } },
  mirrors: app.mirrors(),
});
app.outputs(cluster);
app.synth();
