import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface ServiceRoleProps {
  /** At most 38 letters, of which IAM makes a name of its own. */
  readonly namePrefix: string;
  /** Who may take the role, such as `eks.amazonaws.com`; `ec2` by itself is named by its partition. */
  readonly service: string;
  /** @default - sts:AssumeRole alone */
  readonly actions?: readonly string[];
  /** What of EKS in this account and region the service acts for: the end of an ARN pattern. @default - anyone's */
  readonly sourceOf?: string;
  /** Tags of the session without which the role is not taken. @default - none */
  readonly sessionTags?: Readonly<Record<string, string>>;
  /** Policies of AWS's own, by name. */
  readonly managedPolicies: readonly string[];
  /** More policies: ARNs by static names. @default - none */
  readonly policyArns?: Readonly<Record<string, string>>;
  /** JSON of policies of this role alone, by their names. @default - none */
  readonly inlinePolicies?: Readonly<Record<string, string>>;
  readonly permissionsBoundary?: string | undefined;
  readonly after?: readonly TerraformResource[];
}

/** An IAM role that a service of AWS takes. */
export class ServiceRole extends Construct {
  readonly arn: string;
  readonly name: string;
  /** Every policy is attached: what acts as the role works from then on. */
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    const { namePrefix, service, actions = ["sts:AssumeRole"], sourceOf, sessionTags, permissionsBoundary } = props;

    const partition = new DataAwsPartition(this, "partition");
    const trust = new DataAwsIamPolicyDocument(this, "trust", {
      statement: [
        {
          actions: [...actions],
          principals: [{ type: "Service", identifiers: [service === "ec2" ? `ec2.${partition.dnsSuffix}` : service] }],
          ...(sourceOf === undefined
            ? {}
            : {
                condition: [
                  {
                    test: "ArnLike",
                    variable: "aws:SourceArn",
                    values: [`arn:${partition.partition}:eks:${this.here()}:${sourceOf}`],
                  },
                ],
              }),
          ...(sessionTags === undefined
            ? {}
            : {
                condition: Object.entries(sessionTags).map(([tag, value]) => ({
                  ...{ test: "StringEquals", variable: `aws:RequestTag/${tag}`, values: [value] },
                })),
              }),
        },
      ],
    });
    const role = new IamRole(this, "Resource", {
      namePrefix,
      assumeRolePolicy: trust.json,
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
      dependsOn: [...(props.after ?? [])],
    });
    this.arn = role.arn;
    this.name = role.name;
    const arns = {
      ...Object.fromEntries(
        props.managedPolicies.map((name) => [name, `arn:${partition.partition}:iam::aws:policy/${name}`]),
      ),
      ...props.policyArns,
    };
    this.ready = [
      ...Object.entries(arns).map(
        ([policy, policyArn]) => new IamRolePolicyAttachment(this, `policy-${policy}`, { role: role.name, policyArn }),
      ),
      ...Object.entries(props.inlinePolicies ?? {}).map(
        ([name, policy]) => new IamRolePolicy(this, `inline-${name}`, { role: role.name, name, policy }),
      ),
    ];
  }

  private here(): string {
    return `${new DataAwsRegion(this, "region").name}:${new DataAwsCallerIdentity(this, "account").accountId}`;
  }
}
