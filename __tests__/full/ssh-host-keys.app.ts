import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import type { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import { HardWayCluster } from "../../constructs";

const app = new App();
const stack = new TerraformStack(app, "host-keys");
const variable = (name: string, type = "string"): TerraformVariable => new TerraformVariable(stack, name, { type });

new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: variable("region").stringValue });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

const cluster = new HardWayCluster(stack, "cluster", {
  clusterName: "host-keys",
  adminCidrs: variable("admin_cidrs", "list(string)").listValue,
  controlPlane: { count: 1 },
  workers: { count: 1 },
  ssh: { timeout: variable("ssh_timeout").stringValue },
});

const machines = [...cluster.controllers, ...cluster.workers];
new TerraformOutput(stack, "machines", {
  value: Object.fromEntries(machines.map(({ name, privateIp, publicIp }) => [name, { privateIp, publicIp }])),
});
// An apply with targets keeps no output that depends on nothing.
const key = cluster.node.findChild("ssh-key").node.findChild("Resource") as PrivateKey;
new TerraformOutput(stack, "ssh_user", { value: cluster.sshUser }).addOverride("depends_on", [
  `${key.terraformResourceType}.${key.friendlyUniqueId}`,
]);
new TerraformOutput(stack, "ssh_known_hosts", { value: cluster.sshKnownHosts });
new TerraformOutput(stack, "ssh_private_key", { value: cluster.sshPrivateKey, sensitive: true });

app.synth();
