import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface PodIdentitiesProps {
  readonly clusterName: string;
  /** By static names. */
  readonly identities: Readonly<
    Record<string, { readonly namespace: string; readonly serviceAccount: string; readonly roleArn: string }>
  >;
  /** Issuer of the cluster's tokens, to be trusted by IAM. @default - it is not */
  readonly issuer?: string | undefined;
  readonly after: readonly TerraformResource[];
}

/** Roles of IAM for pods: by the agent of EKS, or by tokens that IAM trusts. */
export class PodIdentities extends Construct {
  /** ARN of the issuer in IAM, for the trust policies of roles. */
  readonly oidcProviderArn: string | undefined;

  constructor(scope: Construct, id: string, props: PodIdentitiesProps) {
    super(scope, id);
    const { clusterName, issuer } = props;

    for (const [name, identity] of Object.entries(props.identities))
      new EksPodIdentityAssociation(this, name, { clusterName, ...identity, dependsOn: [...props.after] });
    // Without a thumbprint: IAM knows the authority of this issuer by itself.
    this.oidcProviderArn =
      issuer === undefined
        ? undefined
        : new IamOpenidConnectProvider(this, "issuer", { url: issuer, clientIdList: ["sts.amazonaws.com"] }).arn;
  }
}
