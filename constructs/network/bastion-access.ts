import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Fn, Token, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { isKnown } from "../core/known";
import { PORTS } from "../facts/ports";

export interface BastionAccessProps {
  /** Security groups of the machines, by what becomes part of the rule's address, with the blocks that they let in by SSH anyway. */
  readonly groups: Readonly<Record<string, { readonly id: string; readonly admitted: readonly string[] }>>;
  /** Where the bastion comes from: one of the two. */
  readonly cidr?: string | undefined;
  readonly securityGroupId?: string | undefined;
}

/** Lets a bastion that is there into the machines' firewall: SSH, and nothing else. */
export class BastionAccess extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, { groups, cidr, securityGroupId }: BastionAccessProps) {
    super(scope, id);
    const known = cidr !== undefined && isKnown(cidr);
    // AWS takes no second rule for a block that a first one lets in.
    this.ready = Object.entries(groups)
      .filter(([, { admitted }]) => !(known && isKnown(admitted) && admitted.includes(cidr)))
      .map(([role, { id: securityGroup, admitted }]) => {
        const counted = cidr !== undefined && admitted.length > 0 && !(known && isKnown(admitted));
        return new VpcSecurityGroupIngressRule(this, role, {
          securityGroupId: securityGroup,
          ...(counted ? { count: Token.asNumber(Fn.conditional(Fn.contains([...admitted], cidr), 0, 1)) } : {}),
          description: "people and Terraform through the bastion that is there",
          ipProtocol: "tcp",
          fromPort: PORTS.ssh,
          toPort: PORTS.ssh,
          ...(cidr === undefined ? {} : { cidrIpv4: cidr }),
          ...(securityGroupId === undefined ? {} : { referencedSecurityGroupId: securityGroupId }),
        });
      });
  }
}
