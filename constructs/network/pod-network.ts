import { Cidr } from "../core/cidr";

/**
 * How packets get from pod to pod of different nodes. `vpc-routes`: as they are, by a route for each worker in the VPC's
 * tables, of which each takes so many and no more. `vxlan`: inside of UDP, which needs no route and takes 50 bytes of
 * each packet.
 */
export type PodNetwork = "vpc-routes" | "vxlan";

/**
 * The address of a controller in an overlay, as a block. Controllers run no pods, but call some: webhooks and
 * aggregated APIs. They have the last /24 of the pods' block to themselves.
 */
export function controllerBlock(podCidr: string, index: number): string {
  const all = Cidr.parse(podCidr);
  return `${all.subnet(24, 2 ** (24 - all.prefix) - 1).host(index + 1)}/32`;
}

/** Who is behind which address, as the stage `vxlan` reads it. */
export function vxlanPeers(machines: readonly { readonly privateIp: string; readonly podCidr: string }[]): string {
  return machines.map(({ privateIp, podCidr }) => `${privateIp}=${podCidr}`).join(" ");
}
