import { App, TerraformOutput, type TerraformStack } from "cdktf";
import type { HybridCluster } from "../../constructs";
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
const stack = app.node.findChild("hybrid") as TerraformStack;
const { cluster } = stack.node.findChild("cluster") as HybridCluster;
new TerraformOutput(stack, "resolver_addresses", { value: cluster.privateDns.resolverAddresses });
app.synth();
