import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { TerraformIterator, Token, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { FirewallRule, Peer, Role } from "./firewall-rules";

export interface SecurityGroupsProps {
  readonly vpcId: string;
  readonly clusterName: string;
  readonly rules: readonly FirewallRule[];
  /** The blocks that stand for the peers that are no group. `admin` may be a list that only Terraform knows. */
  readonly cidrs: { readonly admin: readonly string[]; readonly pods: string; readonly network: string };
}

const ROLES: Readonly<Record<Role, string>> = {
  "control-plane": "controllers",
  worker: "workers",
  api: "load balancer of the API",
  bastion: "bastion",
  "instance-connect": "EC2 Instance Connect endpoint",
};
const ALWAYS: readonly Role[] = ["control-plane", "worker", "api"];

/** One security group for each role that is there, and the table of rules as resources of their own. */
export class SecurityGroups extends Construct {
  /** Every rule: a machine is reachable when they exist. */
  readonly ready: readonly TerraformResource[];
  private readonly groups: Readonly<Partial<Record<Role, SecurityGroup>>>;

  constructor(scope: Construct, id: string, props: SecurityGroupsProps) {
    super(scope, id);
    const { vpcId, clusterName, rules, cidrs } = props;

    const group = (role: Role): SecurityGroup =>
      new SecurityGroup(this, role, {
        namePrefix: `${clusterName}-${role}-`,
        description: `${clusterName}: ${ROLES[role]}`,
        vpcId,
        tags: { Name: `${clusterName}-${role}` },
        // A group in use cannot be deleted: its successor has to be there first.
        lifecycle: { createBeforeDestroy: true },
      });
    const roles = (Object.keys(ROLES) as Role[]).filter(
      (role) => ALWAYS.includes(role) || rules.some(({ from, to }) => from === role || to === role),
    );
    this.groups = Object.fromEntries(roles.map((role) => [role, group(role)]));

    const ingress = rules.map((rule) => this.ingress(rule, cidrs));
    const egress = roles.map(
      (role) =>
        new VpcSecurityGroupEgressRule(this, `egress-${role}`, {
          securityGroupId: this.idOf(role),
          cidrIpv4: "0.0.0.0/0",
          ipProtocol: "-1",
          description: "everything out: downloads, images, AWS",
        }),
    );
    this.ready = [...ingress, ...egress];
  }

  /** @throws Error for a role that no rule speaks of. */
  idOf(role: Role): string {
    const group = this.groups[role];
    if (group === undefined) throw new Error(`no rule of the firewall speaks of '${role}'`);
    return group.id;
  }

  private ingress(rule: FirewallRule, cidrs: SecurityGroupsProps["cidrs"]): VpcSecurityGroupIngressRule {
    const { port } = rule;
    const range = typeof port === "number" ? { from: port, to: port } : port;
    const config = {
      securityGroupId: this.idOf(rule.to),
      ipProtocol: rule.protocol === "all" ? "-1" : rule.protocol,
      description: rule.why,
      ...(range === undefined ? {} : { fromPort: range.from, toPort: range.to }),
      ...(rule.protocol === "icmp" ? { fromPort: -1, toPort: -1 } : {}),
    };
    if (isRole(rule.from))
      return new VpcSecurityGroupIngressRule(this, rule.id, {
        ...config,
        referencedSecurityGroupId: this.idOf(rule.from),
      });
    if (rule.from !== "admin")
      return new VpcSecurityGroupIngressRule(this, rule.id, { ...config, cidrIpv4: cidrs[rule.from] });
    // for_each by block: taking one block off the list touches that block's rules alone.
    const each = TerraformIterator.fromList(cidrs.admin as string[]);
    return new VpcSecurityGroupIngressRule(this, rule.id, {
      ...config,
      forEach: each,
      cidrIpv4: Token.asString(each.value),
    });
  }
}

const isRole = (peer: Peer): peer is Role => peer in ROLES;
