import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface LegacyPoliciesProps {
  /** Name of the control plane's role. */
  readonly role: string;
}

// Source: eksctl 0.12.0, pkg/cfn/builder/iam.go.
const STATEMENTS = {
  "put-metrics": ["cloudwatch:PutMetricData"],
  nlb: ["elasticloadbalancing:*", "ec2:CreateSecurityGroup", "ec2:Describe*"],
} as const;

/** What eksctl once let the control plane do besides. */
export class LegacyPolicies extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, { role }: LegacyPoliciesProps) {
    super(scope, id);

    this.ready = Object.entries(STATEMENTS).map(([name, actions]) => {
      const document = new DataAwsIamPolicyDocument(this, `${name}-document`, {
        statement: [{ actions: [...actions], resources: ["*"] }],
      });
      return new IamRolePolicy(this, name, { name, role, policy: document.json });
    });
  }
}
