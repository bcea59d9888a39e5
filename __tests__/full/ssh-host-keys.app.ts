import type { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import type { TerraformOutput } from "cdktf";
import { MachinesApp } from "../support/machines-app";

const app = new MachinesApp("host-keys");
const cluster = app.cluster({
  controlPlane: { count: 1 },
  workers: { count: 1 },
  ssh: { timeout: app.variable("ssh_timeout").stringValue },
});
app.outputs(cluster);
// An apply with targets keeps no output that depends on nothing.
const key = cluster.node.findChild("ssh-key").node.findChild("Resource") as PrivateKey;
const user = app.stack.node.findChild("ssh_user") as TerraformOutput;
user.addOverride("depends_on", [`${key.terraformResourceType}.${key.friendlyUniqueId}`]);
app.synth();
