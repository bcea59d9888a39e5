import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { MainRouteTableAssociation } from "@cdktf/provider-aws/lib/main-route-table-association";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet as AwsSubnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { ITerraformDependable } from "cdktf";
import { Construct, type IConstruct } from "constructs";

/** A place for machines: its block is known at synth, so that fixed addresses are too. */
export interface Subnet {
  readonly id: string;
  readonly cidr: string;
}

/** A network that machines can be put into, whether made here or found. */
export interface INetwork extends IConstruct {
  readonly vpcId: string;
  readonly cidr: string;
  /** Subnets whose machines have public addresses. Empty: nothing faces the internet. */
  readonly publicSubnets: readonly Subnet[];
  readonly routeTableIds: readonly string[];
  /** What has to exist before a machine in the network is reachable. */
  readonly ready: readonly ITerraformDependable[];
}

export interface NetworkProps {
  /** Name tag of every part. */
  readonly clusterName: string;
  /** @default '10.240.0.0/24' */
  readonly cidr?: string;
  /** Zone of the subnet, such as `eu-west-1a`. @default - AWS chooses one, and it stays */
  readonly availabilityZone?: string;
}

/** A new VPC with one public subnet as large as itself. */
export class Network extends Construct implements INetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly publicSubnets: readonly Subnet[];
  readonly routeTableIds: readonly string[];
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { clusterName, cidr = "10.240.0.0/24", availabilityZone } = props;
    const tags = { Name: clusterName };

    const vpc = new Vpc(this, "Resource", { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, tags });
    const gateway = new InternetGateway(this, "internet-gateway", { vpcId: vpc.id, tags });
    const subnet = new AwsSubnet(this, "public", {
      vpcId: vpc.id,
      cidrBlock: cidr,
      ...(availabilityZone === undefined ? {} : { availabilityZone }),
      tags: { ...tags, "kubernetes.io/role/elb": "1" },
    });
    const routes = new RouteTable(this, "routes", { vpcId: vpc.id, tags });
    const internet = new Route(this, "internet", {
      routeTableId: routes.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: gateway.id,
    });
    // Routes in a table that no subnet uses have no effect: ours is the main one, and the subnet's own.
    const main = new MainRouteTableAssociation(this, "main-routes", { vpcId: vpc.id, routeTableId: routes.id });
    const association = new RouteTableAssociation(this, "public-routes", {
      subnetId: subnet.id,
      routeTableId: routes.id,
    });

    this.vpcId = vpc.id;
    this.cidr = cidr;
    this.publicSubnets = [{ id: subnet.id, cidr }];
    this.routeTableIds = [routes.id];
    this.ready = [internet, main, association];
  }
}
