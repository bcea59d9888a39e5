import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet as AwsSubnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { Cidr } from "../core/cidr";
import { isKnown } from "../core/known";
import { numbered } from "../core/numbered";
import { pairedBlocks } from "../core/subnet-blocks";
import { NatGateways, type Nat } from "./nat-gateways";
import type { INetwork, Subnet } from "./network";

export interface EksNetworkProps {
  /** Name tag of every part. */
  readonly clusterName: string;
  readonly cidr: string;
  /** A public and a private subnet in each. One that only Terraform knows is kept once the subnets are there. */
  readonly availabilityZones: readonly string[];
  /** The way out of private subnets. */
  readonly nat: Nat;
  /** What has to be there before anything is made. */
  readonly after?: readonly TerraformResource[];
}

/** A new VPC as eksctl cuts it: a public and a private subnet in each zone, public blocks first. */
export class EksNetwork extends Construct implements INetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly publicSubnets: readonly Subnet[];
  readonly privateSubnets: readonly Subnet[];
  readonly routeTableIds: readonly string[];
  readonly usedTableIds: readonly string[];
  readonly natAddresses: readonly string[];
  readonly ready: readonly TerraformResource[];
  private readonly name: string;

  constructor(scope: Construct, id: string, props: EksNetworkProps) {
    super(scope, id);
    const { clusterName, cidr, availabilityZones: zones, nat } = props;
    const blocks = pairedBlocks(Cidr.parse(cidr), zones.length);
    const tags = { Name: clusterName };
    this.name = clusterName;
    this.cidr = cidr;

    const vpc = new Vpc(this, "Resource", {
      cidrBlock: cidr,
      enableDnsSupport: true,
      // Without host names the private endpoint of EKS resolves to nothing.
      enableDnsHostnames: true,
      tags,
      dependsOn: [...(props.after ?? [])],
    });
    this.vpcId = vpc.id;
    // Without a rule in it, what is put into no group by mistake reaches nothing and nobody.
    new DefaultSecurityGroup(this, "default-security-group", { vpcId: vpc.id, tags });
    const gateway = new InternetGateway(this, "internet-gateway", { vpcId: vpc.id, tags });
    const publicTable = new RouteTable(this, "public-table", { vpcId: vpc.id, tags });
    const internet = new Route(this, "internet", {
      routeTableId: publicTable.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: gateway.id,
    });
    this.publicSubnets = this.subnets("public", blocks.public, zones);
    this.privateSubnets = this.subnets("private", blocks.private, zones);
    const privateTables = zones.map(
      (_, index) => new RouteTable(this, numbered("private-table", index), { vpcId: vpc.id, tags }),
    );
    const associations = [
      ...this.publicSubnets.map((subnet, index) => this.associate("public", index, subnet, publicTable)),
      ...this.privateSubnets.map((subnet, index) => this.associate("private", index, subnet, privateTables[index]!)),
    ];
    const gateways =
      nat === "none"
        ? undefined
        : new NatGateways(this, "nat", {
            clusterName,
            subnets: nat === "single" ? this.publicSubnets.slice(0, 1) : this.publicSubnets,
            routeTableIds: privateTables.map((table) => table.id),
            after: [internet],
          });

    this.routeTableIds = [publicTable, ...privateTables].map((table) => table.id);
    this.usedTableIds = this.routeTableIds;
    this.natAddresses = gateways?.addresses ?? [];
    this.ready = [internet, ...associations, ...(gateways?.ready ?? [])];
  }

  private subnets(kind: "public" | "private", blocks: readonly Cidr[], zones: readonly string[]): Subnet[] {
    return blocks.map((block, index) => {
      const zone = zones[index]!;
      const subnet = new AwsSubnet(this, numbered(kind, index), {
        vpcId: this.vpcId,
        cidrBlock: block.toString(),
        availabilityZone: zone,
        mapPublicIpOnLaunch: kind === "public",
        // A zone that is looked up may come out differently one day, which must not move a cluster.
        ...(isKnown(zone) ? {} : { lifecycle: { ignoreChanges: ["availability_zone"] } }),
        tags: {
          Name: `${this.name}-${numbered(kind, index)}`,
          // By which load balancer controllers choose a subnet.
          [kind === "public" ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb"]: "1",
        },
      });
      return {
        id: subnet.id,
        cidr: block.toString(),
        availabilityZone: isKnown(zone) ? zone : subnet.availabilityZone,
      };
    });
  }

  private associate(kind: string, index: number, subnet: Subnet, table: RouteTable): RouteTableAssociation {
    return new RouteTableAssociation(this, numbered(`${kind}-routes`, index), {
      subnetId: subnet.id,
      routeTableId: table.id,
    });
  }
}
