import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import { HardWayCluster } from "../../constructs";

// Private machines in two zones, each with its own way out; a second pool; a bastion as the only path of the bootstrap.
const app = new App();
const stack = new TerraformStack(app, "zones");
const variable = (name: string, type = "string"): TerraformVariable => new TerraformVariable(stack, name, { type });

new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: variable("region").stringValue });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

const cluster = new HardWayCluster(stack, "cluster", {
  clusterName: "zones",
  adminCidrs: variable("admin_cidrs", "list(string)").listValue,
  topology: "private",
  availabilityZones: 2,
  nat: "per-zone",
  apiExposure: "internet",
  bastion: {},
  controlPlane: { count: 1 },
  workers: { count: 1, labels: { tier: "general" } },
  workerPools: {
    edge: {
      count: 2,
      firstHost: 40,
      // What a second apply changes.
      labels: { tier: process.env["EDGE_TIER"] ?? "edge" },
      taints: [{ key: "dedicated", value: process.env["EDGE_TIER"] ?? "edge", effect: "NoSchedule" }],
    },
  },
  mirrors: {
    downloads: variable("download_mirror").stringValue,
    images: variable("image_mirror").stringValue,
    packages: variable("package_mirror").stringValue,
    checksums: Token.asStringMap(variable("checksums", "map(string)").value),
  },
});

const machines = [...cluster.controllers, ...cluster.workers];
new TerraformOutput(stack, "machines", {
  value: Object.fromEntries(machines.map(({ name, privateIp }) => [name, { privateIp, publicIp: privateIp }])),
});
new TerraformOutput(stack, "kubeconfig", { value: cluster.adminKubeconfig, sensitive: true });
new TerraformOutput(stack, "ssh_user", { value: cluster.sshUser });
new TerraformOutput(stack, "ssh_known_hosts", { value: cluster.sshKnownHosts });
new TerraformOutput(stack, "ssh_private_key", { value: cluster.sshPrivateKey, sensitive: true });
new TerraformOutput(stack, "bastion", { value: cluster.bastionAddress });

app.synth();
