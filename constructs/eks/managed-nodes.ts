import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { NodeTemplate, type NodeTemplateProps } from "./node-template";
import type { Scaling } from "./self-managed-nodes";

const EFFECTS = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
} as const;

export interface ManagedNodesProps
  extends Omit<NodeTemplateProps, "instanceType" | "imageId" | "instanceProfile">, Scaling {
  readonly roleArn: string;
  /** Such as AL2023_x86_64_STANDARD. */
  readonly amiType: string;
  readonly version: string;
  readonly instanceTypes: readonly string[];
  readonly capacityType: "ON_DEMAND" | "SPOT";
  readonly subnetIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: keyof typeof EFFECTS;
  }[];
  /** Most nodes that an update takes away at a time, in percent. */
  readonly maxUnavailablePercentage: number;
  readonly after: readonly TerraformResource[];
}

/** Nodes that EKS starts, lets in, updates and drains. */
export class ManagedNodes extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: ManagedNodesProps) {
    super(scope, id);
    const { clusterName, groupName, min, max, desired, ignoreDesired, preventDestroy, taints } = props;

    const template = new NodeTemplate(this, "template", props);
    const group = new EksNodeGroup(this, "Resource", {
      clusterName,
      // A prefix, so that a group that has to be replaced is there before the old one goes.
      nodeGroupNamePrefix: `${groupName}-`,
      nodeRoleArn: props.roleArn,
      subnetIds: [...props.subnetIds],
      amiType: props.amiType,
      version: props.version,
      instanceTypes: [...props.instanceTypes],
      capacityType: props.capacityType,
      scalingConfig: { minSize: min, maxSize: max, desiredSize: desired },
      updateConfig: { maxUnavailablePercentage: props.maxUnavailablePercentage },
      launchTemplate: { id: template.id, version: template.version },
      ...(Object.keys(props.labels).length === 0 ? {} : { labels: { ...props.labels } }),
      ...(taints.length === 0
        ? {}
        : {
            taint: taints.map(({ key, value, effect }) => ({
              key,
              effect: EFFECTS[effect],
              ...(value === undefined ? {} : { value }),
            })),
          }),
      tags: { Name: `${clusterName}-${groupName}` },
      lifecycle: {
        createBeforeDestroy: true,
        ...(ignoreDesired ? { ignoreChanges: ["scaling_config[0].desired_size"] } : {}),
        ...(preventDestroy ? { preventDestroy } : {}),
      },
      dependsOn: [...props.after],
    });
    this.ready = [group];
  }
}
