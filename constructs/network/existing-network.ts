import { DataAwsInstances } from "@cdktf/provider-aws/lib/data-aws-instances";
import { DataAwsRouteTable } from "@cdktf/provider-aws/lib/data-aws-route-table";
import { DataAwsRouteTables } from "@cdktf/provider-aws/lib/data-aws-route-tables";
import { DataAwsSubnet } from "@cdktf/provider-aws/lib/data-aws-subnet";
import { DataAwsVpc } from "@cdktf/provider-aws/lib/data-aws-vpc";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { expression } from "../core/expression";
import { numbered } from "../core/numbered";
import type { INetwork, Subnet } from "./network";

/** A subnet that is there. */
export interface ExistingSubnet {
  /** Such as `subnet-0123456789abcdef0`. */
  readonly id: string;
  /** Its block, so that fixed addresses in it are known before an apply. */
  readonly cidr: string;
  /** Name of its zone. */
  readonly availabilityZone: string;
}

/** A private network that is there. */
export interface ExistingNetworkSettings {
  /** Such as `vpc-0123456789abcdef0`. */
  readonly vpcId: string;
  /** A block of the VPC, which holds the subnets. */
  readonly cidr: string;
  /** Those that machines take turns in. */
  readonly subnets: readonly ExistingSubnet[];
  /** Every table that one of the subnets uses: each gets a route to each worker's pods. Empty where pods use vxlan. */
  readonly routeTableIds: readonly string[];
  /**
   * Says that Services get internal load balancers here, whose controllers choose subnets by a tag: then a plan fails where
   * one of the subnets lacks it.
   * @default false
   */
  readonly internalLoadBalancers?: boolean;
}

export interface ExistingNetworkProps extends ExistingNetworkSettings {
  /** Addresses that machines will have, for each subnet in turn. */
  readonly addresses: readonly (readonly string[])[];
  /** IPv4 address of the proxy that is the only way out. @default - none, or known by a name alone */
  readonly proxyAddress?: string | undefined;
}

/**
 * A VPC that somebody else made. Nothing of it is made, changed or destroyed; what a cluster needs of it is asked at every
 * plan, and a plan that does not find it fails with a sentence on the VPC, the subnet or its routes.
 */
export class ExistingNetwork extends Construct implements INetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly publicSubnets: readonly Subnet[] = [];
  readonly privateSubnets: readonly Subnet[];
  readonly routeTableIds: readonly string[];
  readonly usedTableIds: readonly string[];
  readonly natAddresses: readonly string[] = [];
  readonly ready: readonly TerraformResource[] = [];

  constructor(scope: Construct, id: string, props: ExistingNetworkProps) {
    super(scope, id);
    const { vpcId, cidr } = props;
    const vpc = new DataAwsVpc(this, "vpc", {
      id: vpcId,
      lifecycle: {
        postcondition: [
          holds(
            "self.enable_dns_support && self.enable_dns_hostnames",
            `${vpcId} must have DNS support and DNS host names, or no machine finds the API; switch on enableDnsSupport and enableDnsHostnames.`,
          ),
          holds(
            `contains(self.cidr_block_associations[*].cidr_block, ${expression(cidr)})`,
            `${vpcId} must have the block ${cidr}, in which machines get their addresses; name a block that it has.`,
          ),
        ],
      },
    });
    // By the id as given, so that a plan tells what is wrong with VPC, subnets and routes at once.
    const main = new DataAwsRouteTable(this, "main-routes", {
      vpcId,
      filter: [{ name: "association.main", values: ["true"] }],
    });

    this.vpcId = vpc.id;
    this.cidr = cidr;
    this.routeTableIds = props.routeTableIds;
    this.usedTableIds = props.subnets.map((subnet, index) => this.checkedTable(subnet, index, main, props));
    this.privateSubnets = props.subnets.map((subnet, index) => this.checked(subnet, index, props));
  }

  private checked(subnet: ExistingSubnet, index: number, props: ExistingNetworkProps): Subnet {
    const { vpcId, addresses } = props;
    const wanted = addresses[index] ?? [];
    const found = new DataAwsSubnet(this, numbered("subnet", index), {
      id: subnet.id,
      lifecycle: {
        postcondition: [
          holds(
            `self.vpc_id == ${expression(vpcId)}`,
            `${subnet.id} must be a subnet of ${vpcId}; name one that is, or the VPC that it is of.`,
          ),
          holds(
            `self.cidr_block == ${expression(subnet.cidr)} && self.availability_zone == ${expression(subnet.availabilityZone)}`,
            `${subnet.id} must have the block ${subnet.cidr} and lie in ${subnet.availabilityZone}, as described; describe it as it is.`,
          ),
          ...(props.internalLoadBalancers === true
            ? [
                holds(
                  'contains(["1", ""], lookup(self.tags, "kubernetes.io/role/internal-elb", "none"))',
                  `${subnet.id} must have the tag kubernetes.io/role/internal-elb = 1, by which controllers choose it for internal load balancers; have it added, or leave internalLoadBalancers out and name subnets in each Service.`,
                ),
              ]
            : []),
          ...(wanted.length === 0 ? [] : [this.room(subnet, index, wanted)]),
        ],
      },
    });
    return { id: found.id, cidr: subnet.cidr, availabilityZone: subnet.availabilityZone };
  }

  private room({ id }: ExistingSubnet, index: number, wanted: readonly string[]): ReturnType<typeof holds> {
    // Machines of this cluster that are there take addresses that their subnet no longer counts as free.
    const machines = new DataAwsInstances(this, numbered("machines", index), {
      filter: [
        { name: "subnet-id", values: [id] },
        { name: "private-ip-address", values: [...wanted] },
      ],
      instanceStateNames: ["pending", "running", "stopping", "stopped"],
    });
    return holds(
      `self.available_ip_address_count + length(data.aws_instances.${machines.friendlyUniqueId}.ids) >= ${wanted.length}`,
      `${id} must have ${wanted.length} free addresses, one for each machine; free some, or name a larger subnet.`,
    );
  }

  /** The table that a subnet uses: one of its own, or the main one. */
  private checkedTable(
    subnet: ExistingSubnet,
    index: number,
    main: DataAwsRouteTable,
    props: ExistingNetworkProps,
  ): string {
    const own = new DataAwsRouteTables(this, numbered("own-routes", index), {
      filter: [{ name: "association.subnet-id", values: [subnet.id] }],
    });
    const ids = `data.aws_route_tables.${own.friendlyUniqueId}.ids`;
    const { proxyAddress } = props;
    return new DataAwsRouteTable(this, numbered("routes", index), {
      routeTableId: `\${try(${ids}[0], data.aws_route_table.${main.friendlyUniqueId}.id)}`,
      lifecycle: {
        postcondition: [
          holds(
            'alltrue([for route in self.routes : !startswith(route.gateway_id, "igw-")])',
            `The routes of ${subnet.id} must not lead to an internet gateway, since its machines have no public address; name a private subnet.`,
          ),
          ...(props.routeTableIds.length === 0
            ? []
            : [
                holds(
                  `contains([${props.routeTableIds.map(expression).join(",")}], self.id)`,
                  `routeTableIds must hold the table of ${subnet.id}, or pods of other zones are not reached from it; add it.`,
                ),
              ]),
          ...(proxyAddress === undefined
            ? []
            : [
                holds(
                  `anytrue([for route in self.routes : try(cidrhost("${proxyAddress}/\${split("/", route.cidr_block)[1]}", 0) == cidrhost(route.cidr_block, 0), false)])`,
                  `The routes of ${subnet.id} must lead to the proxy ${proxyAddress}, the only way out; add a route to it.`,
                ),
              ]),
        ],
      },
    }).id;
  }
}

const holds = (condition: string, errorMessage: string): { condition: string; errorMessage: string } => ({
  condition: `\${${condition}}`,
  errorMessage,
});

/** The IPv4 address in a URL, where it has one and not a name. */
export const addressOf = (url: string): string | undefined => /^https?:\/\/([0-9]+(?:\.[0-9]+){3})[:/]/.exec(url)?.[1];
