import { App } from "cdktf";
import { describedNetwork, hybrid } from "../../stacks/hybrid";

// The stack hybrid with a worker in each zone, whose pods use vxlan, and with names between the VPC and the office.
const app = new App();
hybrid(app, "root", describedNetwork(), {
  controlPlane: { count: 1 },
  workers: { count: 2 },
  podNetwork: "vxlan",
  privateDns: {
    zone: "prod.aws.corp.example",
    resolver: { inboundFrom: ["10.1.0.0/16"], forward: { "corp.example": ["10.1.0.53"] } },
  },
});
app.synth();
