import { DataAwsEc2InstanceType } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { Architecture } from "../facts/release-files";
import { UserDataHostKey, type KnownHost } from "./ssh-host-key";

export interface BastionProps {
  readonly instanceType: string;
  readonly architecture: Architecture;
  readonly imageId: string;
  /** A public subnet. */
  readonly subnetId: string;
  readonly securityGroupId: string;
  readonly keyName: string;
  readonly instanceProfile: string;
  readonly after?: readonly TerraformResource[];
}

/** The one machine that faces the internet for private ones: SSH goes through it, and nothing else runs there. */
export class Bastion extends Construct implements KnownHost {
  readonly name = "bastion";
  readonly privateIp: string;
  readonly publicIp: string;
  /** What lies in its user data, since no stage runs here: it passes on what is encrypted for the machine behind it. */
  readonly sshHostKey: UserDataHostKey;
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: BastionProps) {
    super(scope, id);
    const { instanceType, architecture } = props;

    const type = new DataAwsEc2InstanceType(this, "type", {
      instanceType,
      lifecycle: {
        postcondition: [
          {
            condition: `\${contains(self.supported_architectures, "${architecture === "amd64" ? "x86_64" : "arm64"}")}`,
            errorMessage: `bastion: ${instanceType} must run ${architecture}, which the image is for; choose another type, or the other architecture.`,
          },
        ],
      },
    });
    // Terraform's client looks at one key of each kind: this one must not be of a kind that a machine behind it has.
    this.sshHostKey = new UserDataHostKey(this, "ssh-host-key", { ecdsaCurve: "P384" });
    const instance = new Instance(this, "Resource", {
      ami: props.imageId,
      instanceType: type.instanceType,
      subnetId: props.subnetId,
      associatePublicIpAddress: true,
      vpcSecurityGroupIds: [props.securityGroupId],
      keyName: props.keyName,
      iamInstanceProfile: props.instanceProfile,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { volumeType: "gp3", volumeSize: 10, encrypted: true },
      userData: `#cloud-config\nhostname: ${this.name}\npreserve_hostname: false\n${this.sshHostKey.cloudConfig}`,
      tags: { Name: this.name },
      // None may replace or stop it: a newer image, the public address, which AWS takes from a machine while it is stopped,
      // nor user data, which is read at the first boot alone.
      lifecycle: { ignoreChanges: ["ami", "associate_public_ip_address", "user_data"] },
      dependsOn: [...(props.after ?? [])],
    });
    this.privateIp = instance.privateIp;
    this.publicIp = instance.publicIp;
    this.ready = [instance];
  }
}
