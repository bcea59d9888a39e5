import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Fn, TerraformLocal, Token } from "cdktf";
import { Construct } from "constructs";

export interface NodeTemplateProps {
  readonly clusterName: string;
  readonly groupName: string;
  /** @default - said by the group */
  readonly instanceType?: string | undefined;
  /** @default - chosen by EKS */
  readonly imageId?: string | undefined;
  /** @default - none; EKS gives managed nodes one of its own */
  readonly instanceProfile?: string | undefined;
  readonly securityGroupIds: readonly string[];
  readonly userData?: string | undefined;
  /** Whether user data is compressed, for cloud-init alone. @default false */
  readonly compressed?: boolean;
  readonly keyName?: string | undefined;
  /** Device of the root volume: that of the image. */
  readonly rootDevice: string;
  readonly rootVolumeGiB: number;
  /** Whether pods that are not in the host's network reach the metadata service. */
  readonly podsReachMetadata: boolean;
}

/** What instances of a group are like. */
export class NodeTemplate extends Construct {
  readonly id: string;
  readonly version: string;

  constructor(scope: Construct, id: string, props: NodeTemplateProps) {
    super(scope, id);
    const { clusterName, groupName, instanceType, imageId, instanceProfile, userData, keyName } = props;
    const tags = { Name: `${clusterName}-${groupName}-Node` };

    const template = new LaunchTemplate(this, "Resource", {
      namePrefix: `${clusterName}-${groupName}-`,
      updateDefaultVersion: true,
      ...(instanceType === undefined ? {} : { instanceType }),
      ...(imageId === undefined ? {} : { imageId }),
      ...(keyName === undefined ? {} : { keyName }),
      ...(instanceProfile === undefined ? {} : { iamInstanceProfile: { name: instanceProfile } }),
      ...(userData === undefined ? {} : { userData: encoded(text(this, userData), props.compressed === true) }),
      vpcSecurityGroupIds: [...props.securityGroupIds],
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: props.podsReachMetadata ? 2 : 1,
      },
      blockDeviceMappings: [
        {
          deviceName: props.rootDevice,
          ebs: { volumeType: "gp3", volumeSize: props.rootVolumeGiB, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: ["instance", "volume"].map((resourceType) => ({ resourceType, tags })),
      // A group that uses it is changed before it goes.
      lifecycle: { createBeforeDestroy: true },
    });
    this.id = template.id;
    this.version = Token.asString(template.latestVersion);
  }
}

const encoded = (text: string, compressed: boolean): string =>
  Token.asString(compressed ? Fn.base64gzip(text) : Fn.base64encode(text));

/** A local, because a text with tokens in it cannot stand inside one of Terraform's functions. */
const text = (scope: Construct, value: string): string =>
  Token.asString(new TerraformLocal(scope, "user-data", value).expression);
