import { DataAwsIamInstanceProfile } from "@cdktf/provider-aws/lib/data-aws-iam-instance-profile";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface MachineRoleProps {
  /** What the names of the role and its profile begin with. IAM has one set of names for all regions. */
  readonly namePrefix: string;
  /** Policies of AWS's own to attach, by name. @default - none; a hard-way node needs nothing of AWS */
  readonly managedPolicies?: readonly string[];
  /** More policies: ARNs by static names. @default - none */
  readonly policyArns?: Readonly<Record<string, string>>;
  /** Policies of its own: JSON by static names. @default - none */
  readonly inlinePolicies?: Readonly<Record<string, string>>;
  /** ARN of the policy that bounds whatever the others allow. @default - none */
  readonly permissionsBoundary?: string | undefined;
  /** What has to be there first. */
  readonly after?: readonly TerraformResource[];
}

/** The IAM role of like machines, with the instance profile that EC2 takes. */
export class MachineRole extends Construct {
  readonly arn: string;
  readonly profileName: string;
  /** The profile is there, and every policy is attached: machines that have it may use them. */
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: MachineRoleProps) {
    super(scope, id);
    const { namePrefix, managedPolicies = [], policyArns = {}, inlinePolicies = {}, permissionsBoundary } = props;

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
    const role = new IamRole(this, "Resource", {
      namePrefix,
      assumeRolePolicy: trust.json,
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
      ...(props.after === undefined ? {} : { dependsOn: [...props.after] }),
    });
    const profile = new IamInstanceProfile(this, "profile", { namePrefix, role: role.name });
    const arns = {
      ...Object.fromEntries(
        managedPolicies.map((name) => [name, `arn:${partition.partition}:iam::aws:policy/${name}`]),
      ),
      ...policyArns,
    };
    const attachments = Object.entries(arns).map(
      ([policy, policyArn]) => new IamRolePolicyAttachment(this, `policy-${policy}`, { role: role.name, policyArn }),
    );

    const inline = Object.entries(inlinePolicies).map(
      ([name, policy]) => new IamRolePolicy(this, `inline-${name}`, { role: role.name, name, policy }),
    );

    this.arn = role.arn;
    this.profileName = profile.name;
    this.ready = [profile, ...attachments, ...inline];
  }
}

/** An instance profile that is there, with whatever its role may do. A plan fails where there is none of that name. */
export class ExistingProfile extends Construct {
  readonly profileName: string;

  constructor(scope: Construct, id: string, props: { readonly name: string }) {
    super(scope, id);
    this.profileName = new DataAwsIamInstanceProfile(this, "Resource", { name: props.name }).name;
  }
}
