import { Route } from "@cdktf/provider-aws/lib/route";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { numbered } from "../core/numbered";

/** A machine and the block its pods have. */
export interface PodRouteTarget {
  readonly name: string;
  readonly networkInterfaceId: string;
  readonly podCidr: string;
}

export interface PodRoutesProps {
  readonly routeTableIds: readonly string[];
  readonly targets: readonly PodRouteTarget[];
}

/** Each worker's pod block in every route table: pods of different nodes reach each other without an overlay. */
export class PodRoutes extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: PodRoutesProps) {
    super(scope, id);
    const { routeTableIds, targets } = props;

    this.ready = routeTableIds.flatMap((routeTableId, table) =>
      targets.map(
        ({ name, networkInterfaceId, podCidr }) =>
          new Route(this, numbered(name, table), {
            routeTableId,
            destinationCidrBlock: podCidr,
            networkInterfaceId,
          }),
      ),
    );
  }
}
