import { Route53ResolverEndpoint } from "@cdktf/provider-aws/lib/route53-resolver-endpoint";
import { Route53ResolverRule } from "@cdktf/provider-aws/lib/route53-resolver-rule";
import { Route53ResolverRuleAssociation } from "@cdktf/provider-aws/lib/route53-resolver-rule-association";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Token, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { namedBy } from "../core/named-by";
import type { Subnet } from "./network";

/** Names between a VPC and its other side. Each direction costs by hour and address. */
export interface NameResolverSettings {
  /** Blocks from which name servers ask for names of the VPC, of the private zone above all. @default - none: nobody asks */
  readonly inboundFrom?: readonly string[];
  /** Name servers of the other side, by the domain that they know: `{ "corp.example": ["10.1.0.53"] }`. @default - none */
  readonly forward?: Readonly<Record<string, readonly string[]>>;
}

export interface NameResolverProps extends NameResolverSettings {
  readonly clusterName: string;
  readonly vpcId: string;
  /** Two at least. */
  readonly subnets: readonly Subnet[];
  /** What has to be there first: machines with fixed addresses, since an endpoint takes any that is free. */
  readonly after: readonly TerraformResource[];
}

const DNS = { port: 53, protocols: ["udp", "tcp"] } as const;

/** Endpoints of Route 53 Resolver: the other side asks the VPC's resolver, and the VPC's resolver asks the other side. */
export class NameResolver extends Construct {
  /** Addresses that name servers of the other side pass questions on to; empty without `inboundFrom`. They stay. */
  readonly inboundAddresses: readonly string[];

  constructor(scope: Construct, id: string, props: NameResolverProps) {
    super(scope, id);
    const { inboundFrom = [], forward = {} } = props;
    const servers = [...new Set(Object.values(forward).flat())];

    const inbound = inboundFrom.length === 0 ? undefined : this.endpoint("inbound", "INBOUND", props);
    for (const [index, cidr] of [...new Set(inboundFrom)].entries())
      for (const protocol of DNS.protocols)
        new VpcSecurityGroupIngressRule(this, namedBy(`inbound-${protocol}`, cidr, index), {
          securityGroupId: inbound!.groupId,
          cidrIpv4: cidr,
          ...{ ipProtocol: protocol, fromPort: DNS.port, toPort: DNS.port },
          description: "name servers of the other side",
        });
    this.inboundAddresses =
      inbound === undefined
        ? []
        : Token.asList(`\${sort(aws_route53_resolver_endpoint.${inbound.endpoint.friendlyUniqueId}.ip_address[*].ip)}`);

    if (servers.length === 0) return;
    const outbound = this.endpoint("outbound", "OUTBOUND", props);
    for (const [index, server] of servers.entries())
      for (const protocol of DNS.protocols)
        new VpcSecurityGroupEgressRule(this, namedBy(`outbound-${protocol}`, server, index), {
          securityGroupId: outbound.groupId,
          cidrIpv4: `${server}/32`,
          ...{ ipProtocol: protocol, fromPort: DNS.port, toPort: DNS.port },
          description: "to a name server of the other side",
        });
    for (const [domain, addresses] of Object.entries(forward)) this.rule(domain, addresses, outbound.endpoint, props);
  }

  private endpoint(
    name: "inbound" | "outbound",
    direction: string,
    { clusterName, vpcId, subnets, after }: NameResolverProps,
  ): { endpoint: Route53ResolverEndpoint; groupId: string } {
    const group = new SecurityGroup(this, `${name}-group`, {
      namePrefix: `${clusterName}-${name}-`,
      description: `${clusterName}: ${name} endpoint of Route 53 Resolver`,
      vpcId,
      tags: { Name: `${clusterName}-${name}` },
      lifecycle: { createBeforeDestroy: true },
    });
    // AWS wants two addresses at least, in subnets of their own, and takes six at most.
    const places = subnets.slice(0, 6);
    const endpoint = new Route53ResolverEndpoint(this, name, {
      name: `${clusterName}-${name}`,
      direction,
      securityGroupIds: [group.id],
      ipAddress: places.map(({ id }) => ({ subnetId: id })),
      tags: { Name: `${clusterName}-${name}` },
      dependsOn: [...after],
    });
    return { endpoint, groupId: group.id };
  }

  private rule(
    domain: string,
    addresses: readonly string[],
    endpoint: Route53ResolverEndpoint,
    { clusterName, vpcId }: NameResolverProps,
  ): void {
    // Names of rules have neither dots nor a length beyond 64.
    const name = domain === "." ? "everything" : domain.replaceAll(".", "-");
    const rule = new Route53ResolverRule(this, `forward-${name}`, {
      name: `${clusterName}-${name}`.slice(0, 64),
      domainName: domain,
      ruleType: "FORWARD",
      resolverEndpointId: endpoint.id,
      targetIp: addresses.map((ip) => ({ ip })),
      tags: { Name: clusterName },
    });
    new Route53ResolverRuleAssociation(this, `association-${name}`, {
      name: `${clusterName}-${name}`.slice(0, 64),
      resolverRuleId: rule.id,
      vpcId,
    });
  }
}
