import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

// Source: docs.aws.amazon.com/systems-manager, "Create a custom IAM role for Session Manager". AWS's own policy lets every node
// read every parameter besides.
const SESSIONS = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
];

export interface NodePolicyProps {
  readonly clusterName: string;
  /** Whether people log in by Session Manager. */
  readonly ssm: boolean;
  readonly after: readonly TerraformResource[];
}

/** What nodes need of AWS beside images, and no more: roles for the pods of their cluster, and their own name. */
export class NodePolicy extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { clusterName, ssm, after }: NodePolicyProps) {
    super(scope, id);
    const { partition } = new DataAwsPartition(this, "partition");
    const here = `${new DataAwsRegion(this, "region").name}:${new DataAwsCallerIdentity(this, "account").accountId}`;

    const document = new DataAwsIamPolicyDocument(this, "document", {
      statement: [
        {
          actions: ["eks-auth:AssumeRoleForPodIdentity"],
          resources: [`arn:${partition}:eks:${here}:cluster/${clusterName}`],
        },
        // nodeadm and the bootstrap programs ask what the instance is called; EC2 narrows neither to one instance.
        { actions: ["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"], resources: ["*"] },
        ...(ssm ? [{ actions: SESSIONS, resources: ["*"] }] : []),
      ],
    });
    this.arn = new IamPolicy(this, "Resource", {
      namePrefix: `${clusterName}-node-`,
      policy: document.json,
      dependsOn: [...after],
    }).arn;
  }
}
