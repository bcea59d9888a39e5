import { Fn, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { Cidr } from "../core/cidr";
import { isKnown } from "../core/known";
import { numbered } from "../core/numbered";
import { SubnetRoom } from "../eks/subnet-room";
import type { NodeProxy } from "../eks/user-data";
import { EKS_EXCLUDED_ZONES } from "../facts/eks-zones";
import { NamedZones } from "../machines/named-zones";
import { OfferedZones } from "../machines/offered-zones";
import { EksNetwork } from "../network/eks-network";
import { addressOf, ExistingNetwork } from "../network/existing-network";
import type { INetwork } from "../network/network";
import { directly } from "../network/proxy";
import { addressesOfNode, addressesOfPods, CONTROL_PLANE, nodesPerSubnet } from "../rules/eks-capacity";
import type { EksSettings, NodeGroupSettings } from "../rules/eks-settings";

/** The network of a cluster: a new one, or one that is there. */
export function eksNetwork(scope: Construct, settings: EksSettings, after: readonly TerraformResource[]): INetwork {
  const { clusterName, networkCidr: cidr, nat, existingNetwork, proxy } = settings;
  const availabilityZones = zonesOf(scope, settings);
  if (existingNetwork === undefined)
    return new EksNetwork(scope, "network", { clusterName, cidr, availabilityZones, nat, after });
  const proxyAddress = proxy === undefined || !isKnown(proxy.url) ? undefined : addressOf(proxy.url);
  return new ExistingNetwork(scope, "network", {
    ...existingNetwork,
    // Nodes have no fixed addresses, and nobody's routes change for pods, which have addresses of the subnets.
    ...{ addresses: [], routeTableIds: [] },
    proxyAddress: proxyAddress === undefined || Cidr.parse(cidr).contains(proxyAddress) ? undefined : proxyAddress,
  });
}

/** Asks subnets that are there, those of pods too, for room for a cluster that is to come. */
export function checkRoom(scope: Construct, settings: EksSettings, podSubnets: Readonly<Record<string, string>>): void {
  const { clusterName, existingNetwork, groups, prefixDelegation, customNetworking } = settings;
  const zones = Object.entries(podSubnets);
  const guests = (subnets: number, addresses: (group: NodeGroupSettings) => number) =>
    Object.values(groups).map((group) => ({ nodes: nodesPerSubnet(group, subnets), addresses: addresses(group) }));
  for (const [index, { id: subnetId }] of (existingNetwork?.subnets ?? []).entries())
    new SubnetRoom(scope, numbered("room", index), {
      ...{ clusterName, subnetId, controlPlane: CONTROL_PLANE },
      guests: guests(existingNetwork!.subnets.length, (group) =>
        addressesOfNode(group, { prefixDelegation, customNetworking }),
      ),
    });
  for (const [podsOfZone, subnetId] of zones)
    new SubnetRoom(scope, `pod-room-${podsOfZone}`, {
      ...{ clusterName, subnetId, podsOfZone },
      guests: guests(zones.length, (group) => addressesOfPods(group, prefixDelegation)),
    });
}

/** The nodes' way out, but to what they reach directly. */
export function nodeProxy(
  { networkCidr, serviceCidr, proxy }: EksSettings,
  endpoint: string,
  names: readonly string[],
): NodeProxy | undefined {
  if (proxy === undefined) return undefined;
  const { url: http, httpsUrl: https = http } = proxy;
  const apiName = Fn.trimprefix(endpoint, "https://");
  const reached = { networkCidr, podCidr: networkCidr, serviceCidr, clusterDomain: "cluster.local", apiName, names };
  return { http, https, exceptions: directly(reached, proxy.exceptions), ca: proxy.caBundle };
}

function zonesOf(scope: Construct, { availabilityZones: zones, groups }: EksSettings): readonly string[] {
  const excludeZoneIds = EKS_EXCLUDED_ZONES;
  if (typeof zones !== "number") {
    new NamedZones(scope, "zone", { names: zones, excludeZoneIds });
    return zones;
  }
  const instanceTypes = Object.values(groups).flatMap((group) => group.instanceTypes);
  return new OfferedZones(scope, "zone", { instanceTypes, count: zones, excludeZoneIds }).names;
}
