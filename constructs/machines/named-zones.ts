import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { Construct } from "constructs";

export interface NamedZonesProps {
  readonly names: readonly string[];
  /** Ids of zones that are of no use. */
  readonly excludeZoneIds: readonly string[];
}

/** Zones that somebody named: a plan refuses those that the account cannot use, and so before anything is made. */
export class NamedZones extends Construct {
  constructor(scope: Construct, id: string, props: NamedZonesProps) {
    super(scope, id);
    const { names, excludeZoneIds } = props;

    const zones = new DataAwsAvailabilityZones(this, "zones", {
      state: "available",
      excludeZoneIds: [...excludeZoneIds],
    });
    const given = JSON.stringify(names);
    zones.addOverride("lifecycle.postcondition", [
      {
        condition: `\${length(setsubtract(${given}, self.names)) == 0}`,
        error_message: `availabilityZones \${jsonencode(setsubtract(${given}, self.names))} must be zones that this account can use and EKS takes; use some of \${join(", ", self.names)}.`,
      },
    ]);
  }
}
