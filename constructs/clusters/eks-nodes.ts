import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { EksImage } from "../eks/eks-image";
import { legacyCloudConfig } from "../eks/legacy-cloud-config";
import { ManagedNodes } from "../eks/managed-nodes";
import { SelfManagedNodes } from "../eks/self-managed-nodes";
import {
  bottlerocketSettings,
  nodeConfig,
  ubuntuBootstrap,
  type KubeletSettings,
  type NodeCluster,
  type NodeProxy,
} from "../eks/user-data";
import { instanceTypes } from "../facts/instance-types";
import { kubeReserved, maxPods, type PodAddresses } from "../facts/max-pods";
import type { INetwork } from "../network/network";
import { podsOfGroup } from "../rules/eks-groups";
import type { EksSettings, NodeGroupSettings } from "../rules/eks-settings";
import { selfManagedOf, type EksClusterProps, type NodeGroup } from "./eks-props";

interface Surroundings {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly network: INetwork;
  readonly cluster: NodeCluster;
  readonly securityGroupId: string;
  readonly keyName: string | undefined;
  readonly proxy: NodeProxy | undefined;
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
    const group = settings.groups[`selfManagedGroups.${name}`]!;
    const { operatingSystem: system, architecture } = group;
    return new SelfManagedNodes(scope, `group-${name}`, {
      ...common(where, name, group, given),
      instanceTypes: group.instanceTypes,
      spot: group.spot,
      imageId:
        group.imageId ?? new EksImage(scope, `group-${name}-image`, { kubernetesVersion, architecture, system }).id,
      instanceProfile: role.profileName,
      userData: userData(cluster, group, settings, where.proxy),
      compressed: system === "al2",
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
    const group = settings.groups[`managedGroups.${name}`]!;
    const arm = group.architecture === "arm64";
    return new ManagedNodes(scope, `managed-${name}`, {
      ...common(where, name, group, given),
      instanceTypes: group.instanceTypes,
      labels: group.labels,
      taints: group.taints,
      capacityType: group.spot === undefined ? "ON_DEMAND" : "SPOT",
      amiType:
        group.operatingSystem === "bottlerocket"
          ? `BOTTLEROCKET_${arm ? "ARM_64" : "x86_64"}`
          : `AL2023_${arm ? "ARM_64" : "x86_64"}_STANDARD`,
      maxUnavailablePercentage: group.maxUnavailablePercentage,
      roleArn: role.arn,
      version: kubernetesVersion,
      userData: userData(undefined, group, settings, where.proxy),
      after: [...where.after, ...role.ready],
    });
  });
}

/** What groups of every kind have. */
function common(
  { clusterName, network, securityGroupId, keyName }: Surroundings,
  groupName: string,
  { min, max, desired, subnets, operatingSystem: system, rootVolumeGiB }: NodeGroupSettings,
  { podsReachMetadata = false, ignoreDesired = false, preventDestroy = false }: NodeGroup,
) {
  return {
    ...{ clusterName, groupName, min, max, desired, rootVolumeGiB, keyName },
    ...{ podsReachMetadata, ignoreDesired, preventDestroy },
    subnetIds: (subnets === "public" ? network.publicSubnets : network.privateSubnets).map((subnet) => subnet.id),
    securityGroupIds: [securityGroupId],
    // That of pods and images: Bottlerocket's own is small, and read only.
    rootDevice: system === "bottlerocket" ? "/dev/xvdb" : system === "ubuntu" ? "/dev/sda1" : "/dev/xvda",
  };
}

/** What a node is told at boot; of a managed one, what differs from what EKS tells it. */
function userData(
  cluster: NodeCluster | undefined,
  group: NodeGroupSettings,
  addresses: PodAddresses,
  proxy: NodeProxy | undefined,
): string | undefined {
  const kubelet = kubeletSettings(group, addresses);
  if (group.operatingSystem === "bottlerocket") return bottlerocketSettings(cluster, kubelet, proxy);
  if (cluster === undefined || group.operatingSystem === "al2023") return nodeConfig(cluster, kubelet, proxy);
  if (group.operatingSystem === "ubuntu") return ubuntuBootstrap(cluster, kubelet);
  const pods = group.instanceTypes.map((name) => [name, maxPods(instanceTypes().get(name)!, addresses)]);
  return legacyCloudConfig(cluster, kubelet, Object.fromEntries(pods) as Record<string, number>);
}

/**
 * A number of pods that differs from the image's own comes with what the kubelet keeps for so many: nodeadm would go by its
 * own number.
 */
function kubeletSettings(group: NodeGroupSettings, addresses: PodAddresses): KubeletSettings {
  const { labels, taints, kubelet } = group;
  const { prefixDelegation = false, customNetworking = false } = addresses;
  const pods = group.maxPods ?? (prefixDelegation || customNetworking ? podsOfGroup(group, addresses) : undefined);
  if (pods === undefined) return { labels, taints, maxPods: undefined, config: kubelet };
  const vcpus = Math.max(...group.instanceTypes.map((name) => instanceTypes().get(name)!.vcpus));
  return { labels, taints, maxPods: pods, config: { kubeReserved: kubeReserved(vcpus, pods), ...kubelet } };
}
