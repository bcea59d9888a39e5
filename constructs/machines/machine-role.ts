import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";

export interface MachineRoleProps {
  /** What the names of the role and its profile begin with. IAM has one set of names for all regions. */
  readonly namePrefix: string;
  /** Policies to attach: static names by their ARNs. @default - none; a hard-way node needs nothing of AWS */
  readonly policyArns?: Readonly<Record<string, string>>;
}

/** The IAM role of like machines, with the instance profile that EC2 takes. */
export class MachineRole extends Construct {
  readonly arn: string;
  readonly profileName: string;

  constructor(scope: Construct, id: string, props: MachineRoleProps) {
    super(scope, id);
    const { namePrefix, policyArns = {} } = props;

    // The service's name differs between AWS's partitions.
    const partition = new DataAwsPartition(this, "partition");
    const trust = new DataAwsIamPolicyDocument(this, "trust", {
      statement: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: [`ec2.${partition.dnsSuffix}`] }],
        },
      ],
    });
    const role = new IamRole(this, "Resource", { namePrefix, assumeRolePolicy: trust.json });
    const profile = new IamInstanceProfile(this, "profile", { namePrefix, role: role.name });
    for (const [policy, policyArn] of Object.entries(policyArns))
      new IamRolePolicyAttachment(this, policy, { role: role.name, policyArn });

    this.arn = role.arn;
    this.profileName = profile.name;
  }
}
