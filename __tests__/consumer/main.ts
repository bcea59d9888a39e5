import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import {
  DEBIAN_12,
  DEFAULT_KUBERNETES_VERSION,
  FIREWALL_RULES,
  HardWayCluster,
  type FirewallRule,
  type HardWayClusterProps,
  type Machine,
  type MachineGroup,
} from "cdktf-aws-kubernetes";

// A project of somebody else's, which has the library from npm: its own stack, its own names, the library's types.
const app = new App();
const stack = new TerraformStack(app, "consumer");
const variable = (name: string, type = "string"): TerraformVariable => new TerraformVariable(stack, name, { type });

new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: variable("region").stringValue });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

const group: MachineGroup = { count: 1 };
const rules: readonly FirewallRule[] = FIREWALL_RULES;
const props: HardWayClusterProps = {
  clusterName: "consumer",
  adminCidrs: variable("admin_cidrs", "list(string)").listValue,
  kubernetesVersion: DEFAULT_KUBERNETES_VERSION,
  operatingSystem: DEBIAN_12,
  firewallRules: rules,
  controlPlane: group,
  workers: group,
  mirrors: {
    downloads: variable("download_mirror").stringValue,
    images: variable("image_mirror").stringValue,
    packages: variable("package_mirror").stringValue,
    checksums: Token.asStringMap(variable("checksums", "map(string)").value),
  },
};
const cluster = new HardWayCluster(stack, "kubernetes", props);

// @ts-expect-error -- the types that were published refuse a setting that there is not.
const wrong: HardWayClusterProps = { ...props, clusterNames: "consumer" };
// @ts-expect-error -- and a value of another type.
const worse: HardWayClusterProps = { ...props, workers: { count: "1" } };

const machines: readonly Machine[] = [...cluster.controllers, ...cluster.workers];
new TerraformOutput(stack, "machines", {
  value: Object.fromEntries(machines.map(({ name, privateIp, publicIp }) => [name, { privateIp, publicIp }])),
});
new TerraformOutput(stack, "kubeconfig", { value: cluster.adminKubeconfig, sensitive: true });
new TerraformOutput(stack, "ssh_user", { value: cluster.sshUser });
new TerraformOutput(stack, "ssh_known_hosts", { value: cluster.sshKnownHosts });
new TerraformOutput(stack, "ssh_private_key", { value: cluster.sshPrivateKey, sensitive: true });

app.synth();
void [wrong, worse];
