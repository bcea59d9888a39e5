import { AutoscalingGroup, type AutoscalingGroupMixedInstancesPolicy } from "@cdktf/provider-aws/lib/autoscaling-group";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { NodeTemplate, type NodeTemplateProps } from "./node-template";

/** How many nodes there are. */
export interface Scaling {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Whether an autoscaler changes the desired number once the group is there. */
  readonly ignoreDesired: boolean;
  readonly preventDestroy: boolean;
}

/** How many nodes of a group are spot instances: all but the first so many and a percentage of the rest. */
export interface Spot {
  readonly onDemandBase?: number;
  readonly onDemandPercentage?: number;
  readonly allocation?: string;
}

export interface SelfManagedNodesProps extends Omit<NodeTemplateProps, "instanceType">, Scaling {
  readonly instanceTypes: readonly string[];
  readonly spot: Spot | undefined;
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
    const { clusterName, groupName, min, max, desired, ignoreDesired, preventDestroy, instanceTypes, spot, after } =
      props;

    const template = new NodeTemplate(this, "template", { ...props, instanceType: instanceTypes[0] });
    const tags = { Name: `${clusterName}-${groupName}-Node`, [`kubernetes.io/cluster/${clusterName}`]: "owned" };
    const group = new AutoscalingGroup(this, "Resource", {
      namePrefix: `${clusterName}-${groupName}-`,
      minSize: min,
      maxSize: max,
      desiredCapacity: desired,
      vpcZoneIdentifier: [...props.subnetIds],
      ...(instanceTypes.length === 1 && spot === undefined
        ? { launchTemplate: { id: template.id, version: template.version } }
        : { mixedInstancesPolicy: mixed(template, instanceTypes, spot) }),
      tag: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      // A literal, as Terraform takes nothing else here.
      lifecycle: {
        ...(ignoreDesired ? { ignoreChanges: ["desired_capacity"] } : {}),
        ...(preventDestroy ? { preventDestroy } : {}),
      },
      dependsOn: [...after],
    });
    this.groupName = group.name;
    this.ready = [group];
  }
}

/** Several types, and how many of the nodes are spot instances: without `spot`, none. */
function mixed(
  { id, version }: NodeTemplate,
  instanceTypes: readonly string[],
  spot: Spot | undefined,
): AutoscalingGroupMixedInstancesPolicy {
  const { onDemandBase = 0, onDemandPercentage = 0, allocation = "price-capacity-optimized" } = spot ?? {};
  return {
    instancesDistribution:
      spot === undefined
        ? { onDemandPercentageAboveBaseCapacity: 100 }
        : {
            onDemandBaseCapacity: onDemandBase,
            onDemandPercentageAboveBaseCapacity: onDemandPercentage,
            spotAllocationStrategy: allocation,
          },
    launchTemplate: {
      launchTemplateSpecification: { launchTemplateId: id, version },
      override: instanceTypes.map((instanceType) => ({ instanceType })),
    },
  };
}
