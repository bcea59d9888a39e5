import { Eip } from "@cdktf/provider-aws/lib/eip";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { numbered } from "../core/numbered";

/** How machines without a public address reach the internet: not at all, by one gateway, or by one in each zone. */
export type Nat = "none" | "single" | "per-zone";

export interface NatGatewaysProps {
  readonly clusterName: string;
  /** Public subnets, with a gateway in each. */
  readonly subnets: readonly { readonly id: string }[];
  /** Tables of the private subnets, in the order of the gateways: each leads to its own, or all to the only one. */
  readonly routeTableIds: readonly string[];
  /** The way from the public subnets to the internet. */
  readonly after: readonly TerraformResource[];
}

/** The way out of private subnets, and none into them. */
export class NatGateways extends Construct {
  /** Public addresses as which the machines behind are seen. */
  readonly addresses: readonly string[];
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: NatGatewaysProps) {
    super(scope, id);
    const tags = { Name: props.clusterName };

    const gateways = props.subnets.map((subnet, index) => {
      const address = new Eip(this, numbered("address", index), {
        domain: "vpc",
        tags,
        dependsOn: [...props.after],
      });
      const gateway = new NatGateway(this, numbered("gateway", index), {
        allocationId: address.allocationId,
        subnetId: subnet.id,
        tags,
        dependsOn: [...props.after],
      });
      return { address, gateway };
    });
    this.addresses = gateways.map(({ address }) => address.publicIp);
    this.ready = props.routeTableIds.map(
      (routeTableId, index) =>
        new Route(this, numbered("route", index), {
          routeTableId,
          destinationCidrBlock: "0.0.0.0/0",
          natGatewayId: gateways[index % gateways.length]!.gateway.id,
        }),
    );
  }
}
