import { instanceTypes } from "../constructs/facts/instance-types";
import { maxPods, PREFIX_SIZE } from "../constructs/facts/max-pods";
import { addressesOfNode, addressesOfPods } from "../constructs/rules/eks-capacity";
import type { NodeGroup } from "./places";
import type { Section } from "./plan";
import type { Stack } from "./stack";

/** What nodes of EKS take of their subnets, whose CNI gives pods addresses of them. */
export function addressesOfNodes(stack: Stack, groups: readonly NodeGroup[]): Section {
  const addons = JSON.stringify(stack.all("aws_eks_addon"));
  const prefixDelegation = addons.includes("ENABLE_PREFIX_DELEGATION");
  const customNetworking = addons.includes("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG");
  return {
    title: "Addresses of nodes",
    says: "A node takes those of its first interface and of one that the CNI keeps warm, and more as pods come, up to all of its type; a type of several is the one with most.",
    head: ["Group", "Nodes", "Each from the start", "Each at most", "All nodes from the start", "All nodes at most"],
    rows: groups.map(({ name, types, min, max }) => {
      const group = { instanceTypes: types };
      const own = addressesOfNode(group, { prefixDelegation, customNetworking });
      const each = own + (customNetworking ? addressesOfPods(group, prefixDelegation) : 0);
      const most = Math.max(...types.map((type) => all(type, prefixDelegation)));
      const where = customNetworking ? `${own}, and ${each - own} of its pods' subnet` : String(each);
      return [name, `${min} to ${max}`, where, String(most), String(max * each), String(max * most)];
    }),
  };
}

/** With prefixes a node takes as many as its pods fill, and one that is kept warm. */
function all(name: string, prefixDelegation: boolean): number {
  const type = instanceTypes().get(name);
  if (type === undefined) return 0;
  const { networkInterfaces, addressesPerInterface, nitro } = type;
  if (!prefixDelegation || !nitro) return networkInterfaces * addressesPerInterface;
  const prefixes = Math.ceil(maxPods(type, { prefixDelegation }) / PREFIX_SIZE) + 1;
  return prefixes * PREFIX_SIZE + Math.ceil(prefixes / (addressesPerInterface - 1));
}
