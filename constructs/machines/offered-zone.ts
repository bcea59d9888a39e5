import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DataAwsEc2InstanceTypeOfferings } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type-offerings";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";

export interface OfferedZoneProps {
  readonly instanceTypes: readonly string[];
}

/** The first zone, by name, that has all the instance types: some zones lack current ones. */
export class OfferedZone extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: OfferedZoneProps) {
    super(scope, id);

    // Local zones and those that the account has to ask for are left out.
    const zones = new DataAwsAvailabilityZones(this, "zones", {
      state: "available",
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    });
    const offers = [...new Set(props.instanceTypes)].map(
      (instanceType) =>
        new DataAwsEc2InstanceTypeOfferings(this, instanceType.replace(".", "-"), {
          locationType: "availability-zone",
          filter: [{ name: "instance-type", values: [instanceType] }],
        }).locations,
    );
    this.name = Token.asString(Fn.element(Fn.sort(Fn.setintersection(zones.names, offers)), 0));
  }
}
