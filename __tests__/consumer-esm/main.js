import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { Instance } from "@cdktf/provider-aws/lib/instance/index.js";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table/index.js";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association/index.js";
import { Subnet } from "@cdktf/provider-aws/lib/subnet/index.js";
import { Vpc } from "@cdktf/provider-aws/lib/vpc/index.js";
import { NullProvider } from "@cdktf/provider-null/lib/provider/index.js";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider/index.js";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { EksCluster, FIREWALL_RULES, HardWayCluster, HybridCluster } from "cdktf-aws-kubernetes";

// A project of somebody else's in JavaScript: modules of ECMAScript, no types, and more in the cluster than the library has.
const app = new App();
const stack = new TerraformStack(app, "consumer");
new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: "eu-west-1" });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

// A network of its own, as it has other things in it too.
const vpc = new Vpc(stack, "vpc", { cidrBlock: "172.31.0.0/16", enableDnsHostnames: true, enableDnsSupport: true });
const zones = ["eu-west-1a", "eu-west-1b"].map((availabilityZone, index) => {
  const cidr = `172.31.${index}.0/24`;
  const subnet = new Subnet(stack, `subnet-${index}`, { vpcId: vpc.id, cidrBlock: cidr, availabilityZone });
  const table = new RouteTable(stack, `routes-${index}`, { vpcId: vpc.id });
  const used = new RouteTableAssociation(stack, `uses-${index}`, { subnetId: subnet.id, routeTableId: table.id });
  // By way of the association: the cluster asks which table a subnet uses.
  return { subnet: { id: used.subnetId, cidr, availabilityZone }, table: used.routeTableId };
});
const mirror = "http://172.31.255.4";

const props = {
  clusterName: "consumer",
  adminCidrs: ["172.31.0.0/16"],
  network: {
    vpcId: vpc.id,
    cidr: "172.31.0.0/16",
    subnets: zones.map(({ subnet }) => subnet),
    routeTableIds: zones.map(({ table }) => table),
  },
  controlPlane: { count: 1 },
  workers: { count: 1 },
  // Another node group, and another rule.
  workerPools: { gpu: { count: 1, firstHost: 60, instanceType: "g4dn.xlarge", labels: { accelerator: "nvidia" } } },
  firewallRules: [
    ...FIREWALL_RULES,
    { id: "etcd-metrics", from: "worker", to: "control-plane", protocol: "tcp", port: 2381, why: "metrics of etcd" },
  ],
  ssh: { address: "private" },
  mirrors: { downloads: mirror, images: mirror, packages: `${mirror}/debian` },
};
const { cluster } = new HybridCluster(stack, "kubernetes", props);

// The way out for what there is no setting of: any field of any resource.
for (const machine of cluster.node.findAll().filter((part) => part instanceof Instance))
  machine.addOverride("metadata_options.instance_metadata_tags", "enabled");

app.synth();

// Mistakes, which no compiler tells here.
for (const make of [
  () => new HardWayCluster(stack, "wrong", { ...props, network: undefined, clusterNam: "x" }),
  () => new EksCluster(stack, "wrong-eks", { clusterName: "x", kubernetesVersion: 1.36 }),
])
  try {
    make();
  } catch (error) {
    console.log(error.message);
  }
