import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import { HardWayCluster } from "../../constructs";

// The other choice wherever the main stack takes the default; three controllers, since one alone waits for no other.
const app = new App();
const stack = new TerraformStack(app, "small");
const variable = (name: string, type = "string"): TerraformVariable => new TerraformVariable(stack, name, { type });

new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: variable("region").stringValue });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

const cluster = new HardWayCluster(stack, "cluster", {
  clusterName: "small",
  adminCidrs: variable("admin_cidrs", "list(string)").listValue,
  networkCidr: "10.77.0.0/24",
  podCidr: "10.78.0.0/16",
  serviceCidr: "10.79.0.0/24",
  controlPlane: { count: 3, firstHost: 5 },
  workers: { count: 2, firstHost: 9 },
  podNetwork: "vxlan",
  certificates: { algorithm: "ECDSA" },
  kubeProxyMode: "nftables",
  healthCheck: "nginx",
  extraArguments: {
    etcd: { "auto-compaction-retention": "2h" },
    kubeApiserver: { "event-ttl": "2h" },
    kubeControllerManager: { "node-monitor-grace-period": "55s" },
    kubeScheduler: { v: "3" },
    kubelet: { v: "3" },
    kubeProxy: { v: "3" },
  },
  kubeletConfiguration: { maxPods: 60 },
  containerdConfiguration: 'version = 3\n[debug]\n  level = "warn"\n',
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
