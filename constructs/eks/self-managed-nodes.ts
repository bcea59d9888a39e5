import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { NodeTemplate, type NodeTemplateProps } from "./node-template";

/** How many nodes there are. */
export interface Scaling {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

export interface SelfManagedNodesProps extends NodeTemplateProps, Scaling {
  readonly subnetIds: readonly string[];
  /** What lets a node in, and what it needs to start: without them it would come up in vain. */
  readonly after: readonly TerraformResource[];
}

/** Nodes that join by themselves: a launch template and an Auto Scaling group. */
export class SelfManagedNodes extends Construct {
  readonly groupName: string;
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: SelfManagedNodesProps) {
    super(scope, id);
    const { clusterName, groupName, min, max, desired, after } = props;

    const template = new NodeTemplate(this, "template", props);
    const tags = { Name: `${clusterName}-${groupName}-Node`, [`kubernetes.io/cluster/${clusterName}`]: "owned" };
    const group = new AutoscalingGroup(this, "Resource", {
      namePrefix: `${clusterName}-${groupName}-`,
      minSize: min,
      maxSize: max,
      desiredCapacity: desired,
      vpcZoneIdentifier: [...props.subnetIds],
      launchTemplate: { id: template.id, version: template.version },
      tag: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      dependsOn: [...after],
    });
    this.groupName = group.name;
    this.ready = [group];
  }
}
