import { Ec2TransitGatewayVpcAttachment } from "@cdktf/provider-aws/lib/ec2-transit-gateway-vpc-attachment";
import { Route } from "@cdktf/provider-aws/lib/route";
import { VpnGatewayAttachment } from "@cdktf/provider-aws/lib/vpn-gateway-attachment";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { numbered } from "../core/numbered";

export interface GatewayRoutesProps {
  /** Name tag of every part. */
  readonly clusterName: string;
  readonly vpcId: string;
  /** Blocks of the other side, and the gateway that leads to each: `vgw-…` or `tgw-…`. */
  readonly routes: Readonly<Record<string, string>>;
  /** Those in which a transit gateway gets an interface: one for each zone. */
  readonly subnetIds: readonly string[];
  /** Every table that a subnet uses. */
  readonly routeTableIds: readonly string[];
}

/** The way to the other side by gateways that are there: each is attached to the VPC, and every table leads to it. */
export class GatewayRoutes extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: GatewayRoutesProps) {
    super(scope, id);
    const { routes, routeTableIds } = props;
    const attachments = new Map(
      [...new Set(Object.values(routes))].map((gateway) => [gateway, this.attach(gateway, props)] as const),
    );
    this.ready = Object.entries(routes).flatMap(([block, gateway]) =>
      routeTableIds.map(
        (routeTableId, index) =>
          new Route(this, numbered(block.replace("/", "-"), index), {
            routeTableId,
            destinationCidrBlock: block,
            ...(isTransit(gateway) ? { transitGatewayId: gateway } : { gatewayId: gateway }),
            // AWS takes no route to a gateway that is not of the VPC yet.
            dependsOn: [attachments.get(gateway)!],
          }),
      ),
    );
  }

  private attach(gateway: string, { clusterName, vpcId, subnetIds }: GatewayRoutesProps): TerraformResource {
    return isTransit(gateway)
      ? new Ec2TransitGatewayVpcAttachment(this, gateway, {
          transitGatewayId: gateway,
          vpcId,
          subnetIds: [...subnetIds],
          tags: { Name: clusterName },
        })
      : new VpnGatewayAttachment(this, gateway, { vpnGatewayId: gateway, vpcId });
  }
}

const isTransit = (gateway: string): boolean => gateway.startsWith("tgw-");
