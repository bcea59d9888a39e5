import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EksCluster as Cluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Fn, Op, Token, conditional, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { isKnown } from "../core/known";

/** How EKS decides who may come in: the ConfigMap aws-auth, its own access entries, or both. */
export type AuthenticationMode = "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API";

/** A log of the control plane. */
export type ControlPlaneLog = "api" | "audit" | "authenticator" | "controllerManager" | "scheduler";

export interface ControlPlaneProps {
  readonly clusterName: string;
  /** Minor version, such as `1.36`. */
  readonly version: string;
  readonly roleArn: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly serviceCidr: string;
  /** Whether nodes and whoever is in the network reach the endpoint inside it. */
  readonly privateEndpoint: boolean;
  /** Blocks from which the endpoint is reached over the internet; empty: not at all. May be a Terraform variable. */
  readonly publicCidrs: readonly string[];
  readonly authenticationMode: AuthenticationMode;
  readonly logs: readonly string[];
  readonly logRetentionDays: number;
  /** A key of KMS for Secrets, made here unless there is one. @default - none of yours */
  readonly secretsEncryption?: { readonly keyArn?: string } | undefined;
  readonly after: readonly TerraformResource[];
}

/** The part of a cluster that AWS runs. */
export class ControlPlane extends Construct {
  /** With https://. */
  readonly endpoint: string;
  readonly name: string;
  /** Certificate of the authority in base64. */
  readonly certificateAuthority: string;
  /** Of the group that EKS makes itself, which Fargate pods are in. */
  readonly clusterSecurityGroupId: string;
  /** Of the OpenID Connect provider in each cluster. */
  readonly issuer: string;
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: ControlPlaneProps) {
    super(scope, id);
    const { clusterName, publicCidrs, logs, secretsEncryption } = props;

    // Before the cluster: EKS makes a group of this name itself, without an end to what it keeps.
    const logGroup =
      logs.length === 0
        ? []
        : [
            new CloudwatchLogGroup(this, "log-group", {
              name: `/aws/eks/${clusterName}/cluster`,
              retentionInDays: props.logRetentionDays,
              dependsOn: [...props.after],
            }),
          ];
    const keyArn =
      secretsEncryption === undefined ? undefined : (secretsEncryption.keyArn ?? this.key(clusterName, props.after));
    const known = isKnown(publicCidrs);
    const some = Op.gte(Fn.lengthOf(publicCidrs), 1);

    const cluster = new Cluster(this, "Resource", {
      name: clusterName,
      version: props.version,
      roleArn: props.roleArn,
      // They come as add-ons with a version that is known; with `true`, EKS installs them too.
      bootstrapSelfManagedAddons: false,
      enabledClusterLogTypes: logs.length === 0 ? undefined! : [...logs],
      vpcConfig: {
        subnetIds: [...props.subnetIds],
        securityGroupIds: [props.securityGroupId],
        endpointPrivateAccess: props.privateEndpoint,
        endpointPublicAccess: known ? publicCidrs.length > 0 : Token.asAny(some),
        ...(known
          ? publicCidrs.length > 0
            ? { publicAccessCidrs: [...publicCidrs] }
            : {}
          : { publicAccessCidrs: Token.asList(conditional(some, publicCidrs, Token.nullValue())) }),
      },
      kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: props.serviceCidr },
      accessConfig: {
        authenticationMode: props.authenticationMode,
        // Who applies this is the admin that applies aws-auth.
        bootstrapClusterCreatorAdminPermissions: true,
      },
      ...(keyArn === undefined ? {} : { encryptionConfig: { resources: ["secrets"], provider: { keyArn } } }),
      dependsOn: [...props.after, ...logGroup],
    });
    this.name = cluster.name;
    this.endpoint = cluster.endpoint;
    this.certificateAuthority = cluster.certificateAuthority.get(0).data;
    this.clusterSecurityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
    this.issuer = cluster.identity.get(0).oidc.get(0).issuer;
    this.ready = [cluster];
  }

  private key(clusterName: string, after: readonly TerraformResource[]): string {
    const key = new KmsKey(this, "secrets-key", {
      description: `Secrets of the EKS cluster ${clusterName}`,
      enableKeyRotation: true,
      dependsOn: [...after],
    });
    new KmsAlias(this, "secrets-key-alias", { name: `alias/eks/${clusterName}`, targetKeyId: key.id });
    return key.arn;
  }
}
