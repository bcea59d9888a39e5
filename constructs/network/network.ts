import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { MainRouteTableAssociation } from "@cdktf/provider-aws/lib/main-route-table-association";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet as AwsSubnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { TerraformResource } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { Cidr } from "../core/cidr";
import { isKnown } from "../core/known";
import { numbered } from "../core/numbered";
import { subnetBlocks } from "../core/subnet-blocks";
import { GatewayRoutes } from "./gateway-routes";
import { NatGateways, type Nat } from "./nat-gateways";

/** A place for machines: its block is known at synth, so that fixed addresses are too. */
export interface Subnet {
  readonly id: string;
  readonly cidr: string;
  /** Name of the zone; may be known to Terraform alone. */
  readonly availabilityZone: string;
}

/** A network that machines can be put into, whether made here or found. */
export interface INetwork extends IConstruct {
  readonly vpcId: string;
  readonly cidr: string;
  /** Subnets with a way to the internet and from it, a zone each. Empty: nothing faces the internet. */
  readonly publicSubnets: readonly Subnet[];
  /** Subnets without a way from it, a zone each. */
  readonly privateSubnets: readonly Subnet[];
  /** Every table that a subnet uses. */
  readonly routeTableIds: readonly string[];
  /** The same as AWS says it, where `routeTableIds` may leave some out. */
  readonly usedTableIds: readonly string[];
  /** Public addresses as which machines without one of their own are seen. Empty: they do not get out. */
  readonly natAddresses: readonly string[];
  /** What has to exist before a machine in the network is reachable. */
  readonly ready: readonly TerraformResource[];
}

/** Whether machines face the internet. */
export type Topology = "public" | "private";

export interface NetworkProps {
  /** Name tag of every part. */
  readonly clusterName: string;
  /** @default '10.240.0.0/24' */
  readonly cidr?: string;
  /**
   * Whether machines get public subnets or private ones; without a way out, whatever private ones need has to be inside.
   * @default 'public'
   */
  readonly topology?: Topology;
  /** Names such as `eu-west-1a`, with a subnet for each. One that only Terraform knows is kept once the subnet is there. */
  readonly availabilityZones: readonly string[];
  /** The way out of private subnets. @default 'none' */
  readonly nat?: Nat;
  /** Whether something faces the internet beside private machines. @default - where there is NAT */
  readonly facing?: boolean;
  /** Blocks of the other side, and the VPN or transit gateway that leads to each. @default - none */
  readonly gatewayRoutes?: Readonly<Record<string, string>> | undefined;
}

/** A new VPC, split evenly into subnets. */
export class Network extends Construct implements INetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly publicSubnets: readonly Subnet[];
  readonly privateSubnets: readonly Subnet[];
  readonly routeTableIds: readonly string[];
  readonly usedTableIds: readonly string[];
  readonly natAddresses: readonly string[];
  readonly ready: readonly TerraformResource[];
  private readonly clusterName: string;
  private readonly associations: TerraformResource[] = [];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { clusterName, cidr = "10.240.0.0/24", topology = "public", availabilityZones: zones, nat = "none" } = props;
    const facing = topology === "private" && (props.facing ?? nat !== "none");
    const blocks = subnetBlocks(Cidr.parse(cidr), zones.length, facing);
    this.clusterName = clusterName;
    this.cidr = cidr;

    const vpc = new Vpc(this, "Resource", {
      cidrBlock: cidr,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: clusterName },
    });
    this.vpcId = vpc.id;
    // Without a rule in it, what is put into no group by mistake reaches nothing and nobody.
    new DefaultSecurityGroup(this, "default-security-group", { vpcId: vpc.id, tags: { Name: clusterName } });
    const subnets = this.subnets(topology, blocks.machines, zones);
    // Zones share a table unless each has a gateway of its own.
    const tables = zones
      .slice(0, topology === "private" && nat === "per-zone" ? zones.length : 1)
      .map((_, index) => this.table(numbered("routes", index)));
    // Routes in a table that no subnet uses have no effect: ours is the main one, and each subnet's own.
    const main = new MainRouteTableAssociation(this, "main-routes", { vpcId: vpc.id, routeTableId: tables[0]!.id });
    this.associate(topology, subnets, tables);

    const [publicSubnets, publicTable] =
      topology === "public"
        ? [subnets, tables[0]!]
        : [this.subnets("public", blocks.facing, zones), facing ? this.table("public-table") : undefined];
    const internet = publicTable === undefined ? [] : [this.wayOut(publicTable)];
    if (facing) this.associate("public", publicSubnets, [publicTable!]);
    const gateways =
      topology === "private" && nat !== "none"
        ? new NatGateways(this, "nat", {
            clusterName,
            subnets: nat === "single" ? publicSubnets.slice(0, 1) : publicSubnets,
            routeTableIds: tables.map((table) => table.id),
            after: internet,
          })
        : undefined;

    this.publicSubnets = publicSubnets;
    this.privateSubnets = topology === "private" ? subnets : [];
    this.routeTableIds = [...tables, ...(facing ? [publicTable!] : [])].map((table) => table.id);
    this.usedTableIds = this.routeTableIds;
    this.natAddresses = gateways?.addresses ?? [];
    const otherSide =
      props.gatewayRoutes === undefined
        ? undefined
        : new GatewayRoutes(this, "gateway-routes", {
            ...{ clusterName, vpcId: vpc.id, routes: props.gatewayRoutes, routeTableIds: this.routeTableIds },
            subnetIds: subnets.map((subnet) => subnet.id),
          });
    this.ready = [...internet, main, ...this.associations, ...(gateways?.ready ?? []), ...(otherSide?.ready ?? [])];
  }

  private subnets(kind: Topology, blocks: readonly Cidr[], zones: readonly string[]): Subnet[] {
    return blocks.map((block, index) => {
      const zone = zones[index]!;
      const subnet = new AwsSubnet(this, numbered(kind, index), {
        vpcId: this.vpcId,
        cidrBlock: block.toString(),
        availabilityZone: zone,
        // A zone that is looked up may come out differently one day, which must not move a cluster.
        ...(isKnown(zone) ? {} : { lifecycle: { ignoreChanges: ["availability_zone"] } }),
        tags: {
          Name: this.clusterName,
          // By which load balancer controllers choose a subnet, and pass over those of other clusters.
          [kind === "public" ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb"]: "1",
          [`kubernetes.io/cluster/${this.clusterName}`]: "owned",
        },
      });
      return {
        id: subnet.id,
        cidr: block.toString(),
        availabilityZone: isKnown(zone) ? zone : subnet.availabilityZone,
      };
    });
  }

  private table(id: string): RouteTable {
    return new RouteTable(this, id, { vpcId: this.vpcId, tags: { Name: this.clusterName } });
  }

  private associate(kind: Topology, subnets: readonly Subnet[], tables: readonly RouteTable[]): void {
    for (const [index, subnet] of subnets.entries())
      this.associations.push(
        new RouteTableAssociation(this, numbered(`${kind}-routes`, index), {
          subnetId: subnet.id,
          routeTableId: (tables[index] ?? tables[0]!).id,
        }),
      );
  }

  private wayOut(table: RouteTable): Route {
    const tags = { Name: this.clusterName };
    const gateway = new InternetGateway(this, "internet-gateway", { vpcId: this.vpcId, tags });
    return new Route(this, "internet", {
      routeTableId: table.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: gateway.id,
    });
  }
}
