import { DataAwsEc2InstanceType } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { Construct } from "constructs";
import { Cidr } from "../core/cidr";

/** A machine at a fixed private address. */
export interface Machine {
  readonly name: string;
  readonly privateIp: string;
  readonly instanceId: string;
  readonly publicIp: string;
  readonly networkInterfaceId: string;
}

export interface MachinesProps {
  /** Name of the machines without their number: `worker` gives worker-0, worker-1. */
  readonly name: string;
  readonly count: number;
  readonly instanceType: string;
  /** Number of the first machine's address in the subnet. */
  readonly firstHost: number;
  readonly imageId: string;
  readonly subnet: { readonly id: string; readonly cidr: string };
  readonly securityGroupId: string;
  readonly keyName: string;
  readonly instanceProfile: string;
  /** Size of the encrypted root volume in GiB. @default 50 */
  readonly rootVolumeGiB?: number;
}

/** Like machines at consecutive fixed addresses. Grow and shrink at the end. */
export class Machines extends Construct {
  readonly all: readonly Machine[];

  constructor(scope: Construct, id: string, props: MachinesProps) {
    super(scope, id);
    const { name: prefix, count, instanceType, firstHost, subnet, rootVolumeGiB = 50 } = props;
    const block = Cidr.parse(subnet.cidr);

    // Refused at plan, before a machine is made; what the type is, AWS knows best.
    const type = new DataAwsEc2InstanceType(this, "type", {
      instanceType,
      lifecycle: {
        postcondition: [
          {
            condition: "${self.default_vcpus >= 2 && self.memory_size >= 2048}",
            errorMessage: `${prefix}: ${instanceType} must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves; use t3.small or larger.`,
          },
        ],
      },
    });

    this.all = Array.from({ length: count }, (_, index) => {
      const name = `${prefix}-${index}`;
      const privateIp = block.host(firstHost + index);
      const instance = new Instance(this, String(index), {
        ami: props.imageId,
        instanceType: type.instanceType,
        subnetId: subnet.id,
        privateIp,
        associatePublicIpAddress: true,
        vpcSecurityGroupIds: [props.securityGroupId],
        keyName: props.keyName,
        iamInstanceProfile: props.instanceProfile,
        // The machine sends and gets packets of pods, whose addresses are not its own.
        sourceDestCheck: false,
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: { volumeType: "gp3", volumeSize: rootVolumeGiB, encrypted: true },
        userData: `#cloud-config\nhostname: ${name}\npreserve_hostname: false\n`,
        tags: { Name: name },
        // A newer image must not replace a running etcd member.
        lifecycle: { ignoreChanges: ["ami"] },
      });
      return {
        name,
        privateIp,
        instanceId: instance.id,
        publicIp: instance.publicIp,
        networkInterfaceId: instance.primaryNetworkInterfaceId,
      };
    });
  }
}
