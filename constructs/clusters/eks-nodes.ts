import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { EksImage } from "../eks/eks-image";
import { ManagedNodes } from "../eks/managed-nodes";
import { SelfManagedNodes } from "../eks/self-managed-nodes";
import { nodeConfig, type NodeCluster } from "../eks/user-data";
import type { INetwork } from "../network/network";
import type { EksSettings, NodeGroupSettings } from "../rules/eks-settings";
import { selfManagedOf, type EksClusterProps } from "./eks-props";
import { renderLabels, renderTaints } from "./hard-way-pools";

interface Surroundings {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly network: INetwork;
  readonly cluster: NodeCluster;
  readonly securityGroupId: string;
  readonly after: readonly TerraformResource[];
}

/** A launch template and an Auto Scaling group for each group that keeps itself. */
export function selfManagedNodes(
  scope: Construct,
  settings: EksSettings,
  props: EksClusterProps,
  where: Surroundings & {
    readonly role: { readonly profileName: string; readonly ready: readonly TerraformResource[] };
  },
): SelfManagedNodes[] {
  const { role, cluster, kubernetesVersion } = where;
  return Object.entries(selfManagedOf(props)).map(([name, given]) => {
    const group = settings.selfManagedGroups[name]!;
    const { architecture = "amd64" } = given;
    const userData = nodeConfig(cluster, {
      labels: renderLabels(group.labels),
      taints: renderTaints(group.taints),
      config: {},
    });
    return new SelfManagedNodes(scope, `group-${name}`, {
      ...common(where, name, group, given),
      ...group,
      instanceType: group.instanceTypes[0],
      imageId: given.imageId ?? new EksImage(scope, `group-${name}-image`, { kubernetesVersion, architecture }).id,
      instanceProfile: role.profileName,
      userData,
      after: [...where.after, ...role.ready],
    });
  });
}

/** A group of EKS's own for each that it keeps. */
export function managedNodes(
  scope: Construct,
  settings: EksSettings,
  props: EksClusterProps,
  where: Surroundings & { readonly role: { readonly arn: string; readonly ready: readonly TerraformResource[] } },
): ManagedNodes[] {
  const { role, kubernetesVersion } = where;
  return Object.entries(props.managedGroups ?? {}).map(([name, given]) => {
    const group = settings.managedGroups[name]!;
    const { capacityType = "ON_DEMAND", amiType = "AL2023_x86_64_STANDARD", maxUnavailablePercentage = 33 } = given;
    return new ManagedNodes(scope, `managed-${name}`, {
      ...common(where, name, group, given),
      ...group,
      ...{ capacityType, amiType, maxUnavailablePercentage },
      roleArn: role.arn,
      version: kubernetesVersion,
      after: [...where.after, ...role.ready],
    });
  });
}

/** What groups of every kind have. */
function common(
  { clusterName, network, securityGroupId }: Surroundings,
  groupName: string,
  { subnets }: NodeGroupSettings,
  { podsReachMetadata = false }: { readonly podsReachMetadata?: boolean },
) {
  return {
    clusterName,
    groupName,
    subnetIds: (subnets === "public" ? network.publicSubnets : network.privateSubnets).map((subnet) => subnet.id),
    securityGroupIds: [securityGroupId],
    rootDevice: "/dev/xvda",
    podsReachMetadata,
  };
}
