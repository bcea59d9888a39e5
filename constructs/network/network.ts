import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { MainRouteTableAssociation } from "@cdktf/provider-aws/lib/main-route-table-association";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet as AwsSubnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { ITerraformDependable } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { isKnown } from "../core/known";

/** A place for machines: its block is known at synth, so that fixed addresses are too. */
export interface Subnet {
  readonly id: string;
  readonly cidr: string;
}

/** A network that machines can be put into, whether made here or found. */
export interface INetwork extends IConstruct {
  readonly vpcId: string;
  readonly cidr: string;
  /** Subnets with a way to the internet and from it. Empty: nothing faces the internet. */
  readonly publicSubnets: readonly Subnet[];
  /** Subnets without one. */
  readonly privateSubnets: readonly Subnet[];
  readonly routeTableIds: readonly string[];
  /** What has to exist before a machine in the network is reachable. */
  readonly ready: readonly ITerraformDependable[];
}

/** Whether a network faces the internet. */
export type Topology = "public" | "private";

export interface NetworkProps {
  /** Name tag of every part. */
  readonly clusterName: string;
  /** @default '10.240.0.0/24' */
  readonly cidr?: string;
  /**
   * Whether there is an internet gateway and a route to it; without them, whatever machines need has to be inside.
   * @default 'public'
   */
  readonly topology?: Topology;
  /** Zone of the subnet, such as `eu-west-1a`. One that only Terraform knows is kept once the subnet is there. */
  readonly availabilityZone: string;
}

/** A new VPC with one subnet as large as itself. */
export class Network extends Construct implements INetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly publicSubnets: readonly Subnet[];
  readonly privateSubnets: readonly Subnet[];
  readonly routeTableIds: readonly string[];
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { clusterName, cidr = "10.240.0.0/24", topology = "public", availabilityZone } = props;
    const tags = { Name: clusterName };

    const vpc = new Vpc(this, "Resource", { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, tags });
    const subnet = new AwsSubnet(this, topology, {
      vpcId: vpc.id,
      cidrBlock: cidr,
      availabilityZone,
      // A zone that is looked up may come out differently one day, which must not move a cluster.
      ...(isKnown(availabilityZone) ? {} : { lifecycle: { ignoreChanges: ["availability_zone"] } }),
      // The tag by which load balancer controllers choose a subnet.
      tags: { ...tags, [topology === "public" ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb"]: "1" },
    });
    const routes = new RouteTable(this, "routes", { vpcId: vpc.id, tags });
    const internet = topology === "public" ? [this.wayOut(vpc, routes, tags)] : [];
    // Routes in a table that no subnet uses have no effect: ours is the main one, and the subnet's own.
    const main = new MainRouteTableAssociation(this, "main-routes", { vpcId: vpc.id, routeTableId: routes.id });
    const association = new RouteTableAssociation(this, `${topology}-routes`, {
      subnetId: subnet.id,
      routeTableId: routes.id,
    });

    this.vpcId = vpc.id;
    this.cidr = cidr;
    this.publicSubnets = topology === "public" ? [{ id: subnet.id, cidr }] : [];
    this.privateSubnets = topology === "private" ? [{ id: subnet.id, cidr }] : [];
    this.routeTableIds = [routes.id];
    this.ready = [...internet, main, association];
  }

  private wayOut(vpc: Vpc, routes: RouteTable, tags: Record<string, string>): Route {
    const gateway = new InternetGateway(this, "internet-gateway", { vpcId: vpc.id, tags });
    return new Route(this, "internet", {
      routeTableId: routes.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: gateway.id,
    });
  }
}
