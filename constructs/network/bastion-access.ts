import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { PORTS } from "../facts/ports";

export interface BastionAccessProps {
  /** Security groups of the machines, by what becomes part of the rule's address. */
  readonly groupIds: Readonly<Record<string, string>>;
  /** Where the bastion comes from: one of the two. */
  readonly cidr?: string | undefined;
  readonly securityGroupId?: string | undefined;
}

/** Lets a bastion that is there into the machines' firewall: SSH, and nothing else. */
export class BastionAccess extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, { groupIds, cidr, securityGroupId }: BastionAccessProps) {
    super(scope, id);
    this.ready = Object.entries(groupIds).map(
      ([role, groupId]) =>
        new VpcSecurityGroupIngressRule(this, role, {
          securityGroupId: groupId,
          description: "people and Terraform through the bastion that is there",
          ipProtocol: "tcp",
          fromPort: PORTS.ssh,
          toPort: PORTS.ssh,
          ...(cidr === undefined ? {} : { cidrIpv4: cidr }),
          ...(securityGroupId === undefined ? {} : { referencedSecurityGroupId: securityGroupId }),
        }),
    );
  }
}
