import type { Cidr } from "./cidr";

export interface SubnetBlocks {
  /** Of the subnets with machines, a zone each. */
  readonly machines: readonly Cidr[];
  /** Of the subnets that face the internet beside private machines, a zone each. */
  readonly facing: readonly Cidr[];
}

/**
 * A network split evenly: a block for each zone, the number of blocks being the next power of two. With `facing`, machines
 * have the lower half and what faces the internet for them the upper one.
 */
export function subnetBlocks(network: Cidr, zones: number, facing = false): SubnetBlocks {
  const ofZones = Math.ceil(Math.log2(zones));
  const prefix = network.prefix + ofZones + (facing ? 1 : 0);
  const blocks = (first: number): Cidr[] =>
    Array.from({ length: zones }, (_, zone) => network.subnet(prefix, first + zone));
  return { machines: blocks(0), facing: facing ? blocks(2 ** ofZones) : [] };
}

export interface PairedBlocks {
  readonly public: readonly Cidr[];
  readonly private: readonly Cidr[];
}

/**
 * A network split as eksctl does it, in eighths for up to four zones and in sixteenths for more: public blocks first, then
 * private ones, and the rest is spare.
 */
export function pairedBlocks(network: Cidr, zones: number): PairedBlocks {
  const prefix = network.prefix + (zones <= 4 ? 3 : 4);
  const blocks = (first: number): Cidr[] =>
    Array.from({ length: zones }, (_, zone) => network.subnet(prefix, first + zone));
  return { public: blocks(0), private: blocks(zones) };
}
