import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DataAwsEc2InstanceTypeOfferings } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type-offerings";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";

export interface OfferedZonesProps {
  readonly instanceTypes: readonly string[];
  /** @default 1 */
  readonly count?: number;
  /** Ids of zones that are of no use. @default - none */
  readonly excludeZoneIds?: readonly string[];
}

/** The first zones, by name, that have all the instance types: some zones lack current ones. */
export class OfferedZones extends Construct {
  readonly names: readonly string[];

  constructor(scope: Construct, id: string, props: OfferedZonesProps) {
    super(scope, id);
    const { count = 1, excludeZoneIds = [] } = props;

    // Local zones and those that the account has to ask for are left out.
    const zones = new DataAwsAvailabilityZones(this, "zones", {
      state: "available",
      ...(excludeZoneIds.length === 0 ? {} : { excludeZoneIds: [...excludeZoneIds] }),
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    });
    const types = [...new Set(props.instanceTypes)];
    const offerings = types.map(
      (instanceType) =>
        new DataAwsEc2InstanceTypeOfferings(this, instanceType.replace(".", "-"), {
          locationType: "availability-zone",
          filter: [{ name: "instance-type", values: [instanceType] }],
        }),
    );
    const offers = offerings.map(({ locations }) => locations);
    // element() begins again at the end of a list, which would put two subnets into one zone.
    if (count > 1)
      offerings.at(-1)?.addOverride("lifecycle.postcondition", [
        {
          condition: `\${length(setintersection(${[...offerings.slice(0, -1).map(({ fqn }) => `${fqn}.locations`), "self.locations", `${zones.fqn}.names`].join(", ")})) >= ${count}}`,
          error_message: `availabilityZones: ${count} zones must offer ${types.join(" and ")}, and fewer of this region do; ask for fewer zones, or choose other instance types.`,
        },
      ]);
    const names = Fn.sort(Fn.setintersection(zones.names, offers));
    this.names = Array.from({ length: count }, (_, index) => Token.asString(Fn.element(names, index)));
  }
}
