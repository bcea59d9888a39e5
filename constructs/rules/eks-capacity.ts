import { Cidr } from "../core/cidr";
import { pairedBlocks } from "../core/subnet-blocks";
import { instanceTypes, type InstanceType } from "../facts/instance-types";
import { PREFIX_SIZE } from "../facts/max-pods";
import { isCidr } from "./blocks";
import type { EksSettings, NodeGroupSettings } from "./eks-settings";
import type { Rule } from "./rule";

/** Addresses of each subnet that AWS keeps. */
const RESERVED = 5;
// Source: docs.aws.amazon.com/eks/latest/userguide/network-reqs.html: "at least six", for the control plane's interfaces.
export const CONTROL_PLANE = 6;

/** Addresses that a node takes: all of its first interface, and of the one that the CNI keeps warm. */
export function addressesOfNode(
  { instanceTypes: names }: Pick<NodeGroupSettings, "instanceTypes">,
  { prefixDelegation, customNetworking }: Pick<EksSettings, "prefixDelegation" | "customNetworking">,
): number {
  const each = names.map((name) => {
    const type = instanceTypes().get(name);
    if (type === undefined) return 0;
    if (customNetworking) return 1;
    return addressesOfCni(type, prefixDelegation, type.networkInterfaces);
  });
  return Math.max(0, ...each);
}

/** Addresses that pods of a node take of a subnet of their own. */
export function addressesOfPods(
  { instanceTypes: names }: Pick<NodeGroupSettings, "instanceTypes">,
  prefixDelegation: boolean,
): number {
  const types = names.map((name) => instanceTypes().get(name)!);
  return Math.max(...types.map((type) => addressesOfCni(type, prefixDelegation, type.networkInterfaces - 1)));
}

function addressesOfCni(type: InstanceType, prefixDelegation: boolean, interfaces: number): number {
  // That of the interface, a prefix in use and a warm one.
  if (prefixDelegation && type.nitro) return 1 + 2 * PREFIX_SIZE;
  return Math.min(2, interfaces) * type.addressesPerInterface;
}

// Source: docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html, "Scale up phase".
/** Nodes that an update adds for a while. */
const surgeOf = ({ managed, max, maxUnavailablePercentage }: NodeGroupSettings, zones: number): number =>
  managed ? Math.max(2 * zones, Math.ceil((max * maxUnavailablePercentage) / 100)) : 0;

/** Most nodes of a group in each of so many subnets. */
export const nodesPerSubnet = (group: NodeGroupSettings, subnets: number): number =>
  Math.ceil((group.max + surgeOf(group, subnets)) / subnets);

interface Room {
  readonly free: number;
  readonly needed: number;
  readonly missing: number;
}

/** What each subnet has and what nodes take of it, at their most and in the midst of an update. */
export function roomOfSubnets(settings: EksSettings): Record<string, Room> {
  const { networkCidr, availabilityZones, groups, nat, existingNetwork } = settings;
  if (existingNetwork !== undefined) return roomOfExisting(settings, existingNetwork.subnets);
  const zones = typeof availabilityZones === "number" ? availabilityZones : availabilityZones.length;
  if (!isCidr(networkCidr) || !Number.isInteger(zones) || zones < 2 || zones > 6) return {};
  const network = Cidr.parse(networkCidr);
  if (network.prefix < 16 || network.prefix > 24) return {};
  const blocks = pairedBlocks(network, zones);
  const rooms = (["public", "private"] as const).flatMap((kind) => {
    const nodes = Object.values(groups).filter(({ subnets }) => subnets === kind);
    const taken = nodes
      .map((group) => nodesPerSubnet(group, zones) * addressesOfNode(group, settings))
      .reduce((sum, addresses) => sum + addresses, 0);
    return blocks[kind].map((block, index) => {
      const gateways = kind === "public" && nat !== "none" && (nat === "per-zone" || index === 0) ? 1 : 0;
      const free = Math.max(0, Number(block.size) - RESERVED - CONTROL_PLANE - gateways);
      return [
        `${kind} subnet ${index} (${block.toString()})`,
        { free, needed: taken, missing: Math.max(0, taken - free) },
      ] as const;
    });
  });
  return Object.fromEntries(rooms);
}

/** The same of subnets that are there, as if nothing else were in them. */
function roomOfExisting(
  settings: EksSettings,
  subnets: readonly { readonly id: string; readonly cidr: string }[],
): Record<string, Room> {
  const needed = Object.values(settings.groups)
    .map((group) => nodesPerSubnet(group, subnets.length) * addressesOfNode(group, settings))
    .reduce((sum, addresses) => sum + addresses, 0);
  const rooms = subnets
    .filter(({ cidr }) => isCidr(cidr))
    .map(({ id, cidr }) => {
      const free = Math.max(0, Number(Cidr.parse(cidr).size) - RESERVED - CONTROL_PLANE);
      return [`subnet ${id} (${cidr})`, { free, needed, missing: Math.max(0, needed - free) }] as const;
    });
  return Object.fromEntries(rooms);
}

/** Whether there are addresses for all nodes. */
export const EKS_CAPACITY_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "subnet-addresses",
    of: roomOfSubnets,
    accepts: ({ missing }: Room) => missing === 0,
    must: "must have the addresses that its nodes take at their most, with the interface that the CNI keeps warm on each, or pods stay ContainerCreating",
    cure: "use a larger networkCidr, fewer nodes, a smaller instance type, or prefixDelegation",
    breaks: (good) => ({
      ...good,
      networkCidr: "192.168.0.0/24",
      groups: Object.fromEntries(Object.entries(good.groups).map(([path, group]) => [path, { ...group, max: 6 }])),
    }),
  },
];
