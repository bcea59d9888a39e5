import { Ec2InstanceConnectEndpoint } from "@cdktf/provider-aws/lib/ec2-instance-connect-endpoint";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface InstanceConnectProps {
  readonly clusterName: string;
  /** Any of the network's: the endpoint reaches them all, and a VPC has one endpoint. */
  readonly subnetId: string;
  readonly securityGroupId: string;
  /** Machines with fixed addresses in the subnet: the endpoint takes any that is free. */
  readonly after: readonly TerraformResource[];
}

/** Lets people whom IAM allows it open a tunnel to port 22 of a machine, public address or not. */
export class InstanceConnect extends Construct {
  constructor(scope: Construct, id: string, props: InstanceConnectProps) {
    super(scope, id);

    new Ec2InstanceConnectEndpoint(this, "Resource", {
      subnetId: props.subnetId,
      securityGroupIds: [props.securityGroupId],
      // Machines see the endpoint, which their firewall rule names; people come from anywhere.
      preserveClientIp: false,
      tags: { Name: props.clusterName },
      dependsOn: [...props.after],
    });
  }
}
