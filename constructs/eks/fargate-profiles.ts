import { EksFargateProfile } from "@cdktf/provider-aws/lib/eks-fargate-profile";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface FargateProfilesProps {
  readonly clusterName: string;
  /** By name: which pods. */
  readonly profiles: Readonly<
    Record<string, readonly { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> }[]>
  >;
  readonly podExecutionRoleArn: string;
  /** Private ones: EKS takes no others. */
  readonly subnetIds: readonly string[];
  /** The group that EKS gives pods on Fargate, and that of the nodes. */
  readonly clusterGroupId: string;
  readonly nodeGroupId: string;
  readonly after: readonly TerraformResource[];
}

/** Pods that run without a node of yours, and speak to those on nodes: to DNS above all. */
export class FargateProfiles extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: FargateProfilesProps) {
    super(scope, id);
    const { clusterName, podExecutionRoleArn, subnetIds, clusterGroupId, nodeGroupId } = props;

    const between = (name: string, securityGroupId: string, referencedSecurityGroupId: string) =>
      new VpcSecurityGroupIngressRule(this, name, {
        ...{ securityGroupId, referencedSecurityGroupId, ipProtocol: "-1" },
        description: "pods on Fargate and pods on nodes",
      });
    // EKS makes one profile of a cluster at a time.
    let last: readonly TerraformResource[] = props.after;
    const profiles = Object.entries(props.profiles).map(([fargateProfileName, selectors]) => {
      const profile = new EksFargateProfile(this, fargateProfileName, {
        ...{ clusterName, fargateProfileName, podExecutionRoleArn, subnetIds: [...subnetIds] },
        selector: selectors.map(({ namespace, labels }) => ({
          namespace,
          ...(labels === undefined ? {} : { labels: { ...labels } }),
        })),
        dependsOn: [...last],
      });
      last = [profile];
      return profile;
    });
    this.ready = [
      ...profiles,
      between("fargate-node", nodeGroupId, clusterGroupId),
      between("node-fargate", clusterGroupId, nodeGroupId),
    ];
  }
}
