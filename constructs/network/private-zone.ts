import { DataAwsRoute53Zone } from "@cdktf/provider-aws/lib/data-aws-route53-zone";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Route53Zone } from "@cdktf/provider-aws/lib/route53-zone";
import { Construct } from "constructs";

export interface PrivateZoneProps {
  readonly clusterName: string;
  readonly vpcId: string;
  /** Its domain. */
  readonly zone: string;
  /** One that is there, and that the VPC asks. @default - a new one */
  readonly zoneId?: string | undefined;
  /** Whether others write records into it, which would keep a new one from being destroyed. */
  readonly writtenByOthers: boolean;
}

/** A zone that is known inside of a VPC alone. */
export class PrivateZone extends Construct {
  readonly id: string;
  readonly zone: string;

  constructor(scope: Construct, id: string, props: PrivateZoneProps) {
    super(scope, id);
    const { clusterName, vpcId, zone, zoneId, writtenByOthers } = props;
    this.zone = zone;
    this.id =
      zoneId === undefined
        ? new Route53Zone(this, "Resource", {
            name: zone,
            comment: `${clusterName}: names inside of its network`,
            vpc: [{ vpcId }],
            ...(writtenByOthers ? { forceDestroy: true } : {}),
            tags: { Name: clusterName },
            // Other VPCs may be let in by those whose they are.
            lifecycle: { ignoreChanges: ["vpc"] },
          }).zoneId
        : this.found(zoneId, zone, vpcId);
  }

  /** A name that leads to a load balancer, and stays when that is replaced. */
  alias(label: string, balancer: { readonly dnsName: string; readonly zoneId: string }): string {
    const name = `${label}.${this.zone}`;
    new Route53Record(this, label, {
      zoneId: this.id,
      name,
      type: "A",
      alias: { name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: false },
    });
    return name;
  }

  private found(zoneId: string, zone: string, vpcId: string): string {
    const found = new DataAwsRoute53Zone(this, "there", {
      zoneId,
      lifecycle: {
        postcondition: [
          {
            condition: `\${trimsuffix(self.name, ".") == "${zone}"}`,
            errorMessage: `${zoneId} must be the zone ${zone}; name the zone's own domain, or the id of another.`,
          },
          {
            condition: `\${self.private_zone}`,
            errorMessage: `${zoneId} must be a private zone, or the addresses of ${vpcId} are told to the world; name a private one.`,
          },
        ],
      },
    });
    return found.zoneId;
  }
}
