import { Cidr } from "../core/cidr";
import { subnetBlocks } from "../core/subnet-blocks";
import { isCidr } from "./blocks";
import type { HardWaySettings } from "./hard-way-settings";
import { zoneNamesRule } from "./place";
import type { Rule } from "./rule";

const MOST_ZONES = 6;

/** Whether a network can be split by this number of zones. */
const isCount = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= MOST_ZONES;
const countOf = (zones: readonly string[] | number): number => (typeof zones === "number" ? zones : zones.length);

/** The block of each machine's subnet, the smallest of those that are there, as long as network and zones are such that there is one. */
export function machineSubnet(settings: HardWaySettings): Cidr | undefined {
  if (settings.existingNetwork !== undefined) {
    const there = settings.existingNetwork.subnets.map(({ cidr }) => cidr).filter(isCidr);
    return there.map((cidr) => Cidr.parse(cidr)).sort((a, b) => b.prefix - a.prefix)[0];
  }
  const count = countOf(settings.availabilityZones);
  if (!isCidr(settings.networkCidr) || !isCount(count)) return undefined;
  const network = Cidr.parse(settings.networkCidr);
  return network.prefix > 26 ? undefined : subnetBlocks(network, count).machines[0];
}

/** Where a cluster lies. */
export const ZONE_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "zone-count",
    of: ({ availabilityZones }) => ({ availabilityZones }),
    accepts: (zones: readonly string[] | number) => isCount(countOf(zones)),
    must: `must be 1 to ${MOST_ZONES} zones, of which no region has more`,
    cure: "use 1, or 3 for a cluster that outlives a zone",
    breaks: (good) => ({ ...good, availabilityZones: 0 }),
  },
  zoneNamesRule(),
];
