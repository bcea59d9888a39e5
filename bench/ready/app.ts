import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Route } from "@cdktf/provider-aws/lib/route";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import { HardWayCluster, OPEN_FIREWALL_RULES } from "../../constructs";
import type { Network } from "../../constructs/network/network";
import { podBlock } from "./blocks";

// The machines of the race: the library's cluster with everything let through, and routes to the pods of controllers
// too, since kubeadm makes nodes of them.
const app = new App();
const stack = new TerraformStack(app, "ready");
const variable = (name: string, type = "string"): TerraformVariable => new TerraformVariable(stack, name, { type });

new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: variable("region").stringValue });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

const cluster = new HardWayCluster(stack, "cluster", {
  clusterName: "ready",
  adminCidrs: variable("admin_cidrs", "list(string)").listValue,
  firewallRules: OPEN_FIREWALL_RULES,
  mirrors: {
    downloads: variable("download_mirror").stringValue,
    images: variable("image_mirror").stringValue,
    packages: variable("package_mirror").stringValue,
    checksums: Token.asStringMap(variable("checksums", "map(string)").value),
  },
});
const { routeTableIds } = cluster.node.findChild("network") as Network;
for (const { name, networkInterfaceId } of cluster.controllers)
  new Route(stack, `pods-of-${name}`, {
    routeTableId: routeTableIds[0]!,
    destinationCidrBlock: podBlock(name),
    networkInterfaceId,
  });

new TerraformOutput(stack, "ssh_user", { value: cluster.sshUser });
new TerraformOutput(stack, "ssh_private_key", { value: cluster.sshPrivateKey, sensitive: true });

app.synth();
