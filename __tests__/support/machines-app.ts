import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import { HardWayCluster, type HardWayClusterProps, type Mirrors } from "../../constructs";

/** An app with one stack for a cluster of our own machines: what the lab tells is a variable, what it asks for an output. */
export class MachinesApp {
  readonly stack: TerraformStack;
  private readonly app = new App();

  constructor(private readonly name: string) {
    this.stack = new TerraformStack(this.app, name);
    new LocalBackend(this.stack, { path: "terraform.tfstate" });
    new AwsProvider(this.stack, "aws", { region: this.variable("region").stringValue });
    new TlsProvider(this.stack, "tls");
    new NullProvider(this.stack, "null");
  }

  variable(name: string, type = "string"): TerraformVariable {
    return new TerraformVariable(this.stack, name, { type });
  }

  output(name: string, value: unknown, sensitive = false): TerraformOutput {
    return new TerraformOutput(this.stack, name, { value, ...(sensitive ? { sensitive } : {}) });
  }

  /** Where the lab's machines fetch from. */
  mirrors(): Mirrors {
    return {
      downloads: this.variable("download_mirror").stringValue,
      images: this.variable("image_mirror").stringValue,
      packages: this.variable("package_mirror").stringValue,
      checksums: Token.asStringMap(this.variable("checksums", "map(string)").value),
    };
  }

  cluster(props: Omit<HardWayClusterProps, "clusterName" | "adminCidrs">): HardWayCluster {
    const adminCidrs = this.variable("admin_cidrs", "list(string)").listValue;
    return new HardWayCluster(this.stack, "cluster", { clusterName: this.name, adminCidrs, ...props });
  }

  /** The ways in, at private addresses where a bastion is the way to them. */
  outputs({ controllers, workers, ...cluster }: HardWayCluster, address: "publicIp" | "privateIp" = "publicIp"): void {
    const machines = [...controllers, ...workers].map((machine) => [
      machine.name,
      { privateIp: machine.privateIp, publicIp: machine[address] },
    ]);
    this.output("machines", Object.fromEntries(machines));
    this.output("kubeconfig", cluster.adminKubeconfig, true);
    this.output("ssh_user", cluster.sshUser);
    this.output("ssh_known_hosts", cluster.sshKnownHosts);
    this.output("ssh_private_key", cluster.sshPrivateKey, true);
  }

  synth(): void {
    this.app.synth();
  }
}
