import { DataAwsEc2InstanceType } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type";
import { DataAwsEc2InstanceTypeOfferings } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type-offerings";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { Token, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { hostOf } from "../core/cidr";
import type { Architecture } from "../facts/release-files";
import { SshHostKey } from "./ssh-host-key";

/** A machine at a fixed private address. */
export interface Machine {
  readonly name: string;
  readonly privateIp: string;
  readonly instanceId: string;
  readonly publicIp: string;
  readonly networkInterfaceId: string;
  readonly availabilityZone: string;
  readonly sshHostKey: SshHostKey;
}

export interface MachinesProps {
  /** Name of the machines without their number: `worker` gives worker-0, worker-1. */
  readonly name: string;
  readonly count: number;
  readonly instanceType: string;
  readonly architecture: Architecture;
  /** Number of the first machine's address in its subnet. */
  readonly firstHost: number;
  readonly imageId: string;
  /** A subnet for each zone, of one size; machines take turns. */
  readonly subnets: readonly { readonly id: string; readonly cidr: string; readonly availabilityZone: string }[];
  readonly securityGroupId: string;
  readonly keyName: string;
  readonly instanceProfile: string;
  /** Whether each machine has a public address. @default true */
  readonly publicAddress?: boolean;
  /** Size of the encrypted root volume in GiB. @default 50 */
  readonly rootVolumeGiB?: number;
  /** The way to the machines: destroyed after them, since a gateway stays attached while there are public addresses. */
  readonly after?: readonly TerraformResource[];
}

/** Like machines at consecutive host numbers, each zone in turn. Grow and shrink at the end. */
export class Machines extends Construct {
  readonly all: readonly Machine[];
  /** Every machine is there. */
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: MachinesProps) {
    super(scope, id);
    const {
      name: prefix,
      count,
      instanceType,
      architecture,
      firstHost,
      subnets,
      publicAddress = true,
      rootVolumeGiB = 50,
    } = props;

    // Refused at plan, before a machine is made; what the type is, AWS knows best.
    const type = new DataAwsEc2InstanceType(this, "type", {
      instanceType,
      lifecycle: {
        postcondition: [
          {
            condition: "${self.default_vcpus >= 2 && self.memory_size >= 2048}",
            errorMessage: `${prefix}: ${instanceType} must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves; use t3.small or larger.`,
          },
          {
            condition: `\${contains(self.supported_architectures, "${architecture === "amd64" ? "x86_64" : "arm64"}")}`,
            errorMessage: `${prefix}: ${instanceType} must run ${architecture}, which the image and the downloads are for; choose another type, or the other architecture.`,
          },
        ],
      },
    });

    // A later pool comes into subnets that are there, whose zones were chosen without it.
    const used = subnets.slice(0, count).map(({ availabilityZone }) => availabilityZone);
    const zones = `[${used.map((zone) => (Token.isUnresolved(zone) ? zone : JSON.stringify(zone))).join(", ")}]`;
    new DataAwsEc2InstanceTypeOfferings(this, "offered", {
      locationType: "availability-zone",
      filter: [{ name: "instance-type", values: [instanceType] }],
      lifecycle: {
        postcondition: [
          {
            condition: `\${length(setsubtract(${zones}, self.locations)) == 0}`,
            errorMessage: `${prefix}: ${instanceType} must be offered in every zone of its machines, and is not in \${join(", ", setsubtract(${zones}, self.locations))}; choose another type.`,
          },
        ],
      },
    });

    const instances = Array.from({ length: count }, (_, index) => {
      const name = `${prefix}-${index}`;
      const subnet = subnets[index % subnets.length]!;
      const privateIp = hostOf(subnet.cidr, firstHost + index);
      const sshHostKey = new SshHostKey(this, `ssh-host-key-${index}`);
      const instance = new Instance(this, String(index), {
        ami: props.imageId,
        instanceType: type.instanceType,
        subnetId: subnet.id,
        privateIp,
        associatePublicIpAddress: publicAddress,
        vpcSecurityGroupIds: [props.securityGroupId],
        keyName: props.keyName,
        iamInstanceProfile: props.instanceProfile,
        // The machine sends and gets packets of pods, whose addresses are not its own.
        sourceDestCheck: false,
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: { volumeType: "gp3", volumeSize: rootVolumeGiB, encrypted: true },
        userData: `#cloud-config\nhostname: ${name}\npreserve_hostname: false\n${sshHostKey.cloudConfig}`,
        tags: { Name: name },
        // None may replace or stop a running etcd member: a newer image, the public address, which AWS takes from a
        // machine while it is stopped, nor user data, which is read at the first boot alone.
        lifecycle: { ignoreChanges: ["ami", "associate_public_ip_address", "user_data"] },
        dependsOn: [...(props.after ?? [])],
      });
      return { instance, name, privateIp, availabilityZone: subnet.availabilityZone, sshHostKey };
    });
    this.ready = instances.map(({ instance }) => instance);
    this.all = instances.map(({ instance, name, privateIp, availabilityZone, sshHostKey }) => ({
      name,
      privateIp,
      instanceId: instance.id,
      publicIp: instance.publicIp,
      networkInterfaceId: instance.primaryNetworkInterfaceId,
      availabilityZone,
      sshHostKey,
    }));
  }
}
