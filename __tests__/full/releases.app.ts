import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import { FIREWALL_RULES, HardWayCluster, OPEN_FIREWALL_RULES } from "../../constructs";

// The smallest cluster, of the versions and with the firewall that it is told.
const app = new App();
const stack = new TerraformStack(app, "releases");
const variable = (name: string, type = "string"): TerraformVariable => new TerraformVariable(stack, name, { type });
const told = (name: string): string => process.env[name] ?? "";

new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: variable("region").stringValue });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

const cluster = new HardWayCluster(stack, "cluster", {
  clusterName: "releases",
  adminCidrs: variable("admin_cidrs", "list(string)").listValue,
  kubernetesVersion: told("CONTROL_PLANE_VERSION"),
  controlPlane: { count: 1 },
  workers: { count: 1, kubernetesVersion: told("WORKER_VERSION") },
  firewallRules: told("FIREWALL") === "open" ? OPEN_FIREWALL_RULES : FIREWALL_RULES,
  mirrors: {
    downloads: variable("download_mirror").stringValue,
    images: variable("image_mirror").stringValue,
    packages: variable("package_mirror").stringValue,
    checksums: Token.asStringMap(variable("checksums", "map(string)").value),
  },
});

const machines = [...cluster.controllers, ...cluster.workers];
new TerraformOutput(stack, "machines", {
  value: Object.fromEntries(machines.map(({ name, privateIp, publicIp }) => [name, { privateIp, publicIp }])),
});
new TerraformOutput(stack, "kubeconfig", { value: cluster.adminKubeconfig, sensitive: true });
new TerraformOutput(stack, "ssh_user", { value: cluster.sshUser });
new TerraformOutput(stack, "ssh_known_hosts", { value: cluster.sshKnownHosts });
new TerraformOutput(stack, "ssh_private_key", { value: cluster.sshPrivateKey, sensitive: true });

app.synth();
