import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { EksAccessPolicyAssociation } from "@cdktf/provider-aws/lib/eks-access-policy-association";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

/** Who may come in, by EKS's own list instead of aws-auth. */
export interface AccessEntry {
  /** ARN of a role or user of IAM. */
  readonly principalArn: string;
  /** Kubernetes groups, to which RBAC gives rights. @default - none */
  readonly groups?: readonly string[];
  /** Rights that EKS gives, by name such as AmazonEKSClusterAdminPolicy. @default - none */
  readonly policies?: readonly AccessPolicy[];
}

export interface AccessPolicy {
  readonly name: string;
  /** @default - the whole cluster */
  readonly namespaces?: readonly string[];
}

export interface AccessEntriesProps {
  readonly clusterName: string;
  /** By static names. */
  readonly entries: Readonly<Record<string, AccessEntry>>;
  /** ARNs of roles whose instances are nodes, by static names. */
  readonly nodeRoles: Readonly<Record<string, string>>;
  readonly after: readonly TerraformResource[];
}

/** Access entries of a cluster. */
export class AccessEntries extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: AccessEntriesProps) {
    super(scope, id);
    const { clusterName, entries, nodeRoles } = props;
    const dependsOn = [...props.after];

    const nodes = Object.entries(nodeRoles).map(
      ([name, principalArn]) =>
        new EksAccessEntry(this, `node-${name}`, { clusterName, principalArn, type: "EC2_LINUX", dependsOn }),
    );
    const partition = Object.keys(entries).length === 0 ? undefined : new DataAwsPartition(this, "partition");
    const people = Object.entries(entries).flatMap(([name, { principalArn, groups = [], policies = [] }]) => {
      const entry = new EksAccessEntry(this, `entry-${name}`, {
        clusterName,
        principalArn,
        ...(groups.length === 0 ? {} : { kubernetesGroups: [...groups] }),
        dependsOn,
      });
      const associations = policies.map(
        ({ name: policy, namespaces }) =>
          new EksAccessPolicyAssociation(this, `entry-${name}-${policy}`, {
            clusterName,
            principalArn: entry.principalArn,
            policyArn: `arn:${partition?.partition}:eks::aws:cluster-access-policy/${policy}`,
            accessScope:
              namespaces === undefined ? { type: "cluster" } : { type: "namespace", namespaces: [...namespaces] },
          }),
      );
      return [entry, ...associations];
    });
    this.ready = [...nodes, ...people];
  }
}
