import { Cidr } from "../core/cidr";
import { isCidr } from "./blocks";
import type { HardWaySettings } from "./hard-way-settings";
import type { Rule } from "./rule";

/** How pods of different nodes reach each other. */
export const POD_NETWORK_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "pod-network",
    also: ["type"],
    of: ({ podNetwork }) => ({ podNetwork }),
    accepts: (name: string) => ["vpc-routes", "vxlan"].includes(name),
    must: "must be vpc-routes or vxlan",
    cure: "use vpc-routes, or vxlan where there are more workers than a route table has routes",
    breaks: (good) => ({ ...good, podNetwork: "flannel" }),
  },
  {
    id: "vxlan-blocks",
    of: ({ podNetwork, podCidr }) => ({ podCidr: podNetwork === "vxlan" ? podCidr : undefined }),
    accepts: (cidr: string, { workers, workerPools }) =>
      !isCidr(cidr) ||
      [workers.count, ...Object.values(workerPools).map(({ firstHost, count }) => firstHost + count)].every(
        (end) => end !== 2 ** (24 - Cidr.parse(cidr).prefix),
      ),
    must: "must hold one /24 more than there are workers, in which controllers have their addresses of the overlay",
    cure: "use a /16 such as 10.200.0.0/16",
    breaks: (good) => ({
      ...good,
      podNetwork: "vxlan",
      podCidr: "10.200.0.0/23",
      workers: { ...good.workers, count: 2 },
    }),
  },
];
