import { Cidr, cidrProblem } from "../core/cidr";
import type { HardWaySettings } from "./hard-way-settings";
import type { Rule } from "./rule";

/** Whether a text is a CIDR; those that judge its size leave it alone otherwise, as another rule refuses it. */
export const isCidr = (text: string): boolean => cidrProblem(text) === undefined;

export const prefixOf = (cidr: string): number => Cidr.parse(cidr).prefix;
const blocks = (settings: HardWaySettings): Record<string, string> => ({
  networkCidr: settings.networkCidr,
  podCidr: settings.podCidr,
  serviceCidr: settings.serviceCidr,
});

// Source: IANA IPv4 Special-Purpose Address Registry.
const UNUSABLE = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"].map((cidr) => Cidr.parse(cidr));

/** Blocks of addresses: each by itself, and beside the others. */
export const BLOCK_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "cidr",
    of: blocks,
    accepts: isCidr,
    must: "must be an IPv4 CIDR without host bits",
    cure: "write the network's first address and its length, such as 10.200.0.0/16",
    breaks: (good) => ({ ...good, podCidr: "10.200.0.1/16" }),
    variables: {
      network_cidr: {
        condition:
          'can(cidrnetmask(var.network_cidr)) && try(cidrhost(var.network_cidr, 0) == split("/", var.network_cidr)[0], false)',
        breaks: "172.20.0.1/16",
      },
    },
  },
  {
    id: "blocks-usable",
    of: blocks,
    accepts: (cidr: string) => !isCidr(cidr) || UNUSABLE.every((block) => !Cidr.parse(cidr).overlaps(block)),
    must: "must not be of addresses that no machine can have: 0.0.0.0/8, loopback, link-local or multicast and above",
    cure: "use a private block such as 10.200.0.0/16",
    breaks: (good) => ({ ...good, podCidr: "169.254.0.0/16" }),
  },
  {
    id: "network-size",
    of: ({ networkCidr, existingNetwork }) => (existingNetwork === undefined ? { networkCidr } : {}),
    accepts: (cidr: string) => !isCidr(cidr) || (prefixOf(cidr) >= 16 && prefixOf(cidr) <= 26),
    must: "must be a /16 to a /26: AWS has no larger VPC, and a smaller one has no room for the fixed addresses",
    cure: "use a block such as 10.240.0.0/24",
    breaks: (good) => ({ ...good, networkCidr: "10.240.0.0/15" }),
  },
  {
    id: "service-size",
    of: ({ serviceCidr }) => ({ serviceCidr }),
    accepts: (cidr: string) => !isCidr(cidr) || (prefixOf(cidr) >= 12 && prefixOf(cidr) <= 24),
    must: "must be a /12 to a /24: kube-apiserver takes no larger one, and DNS has the tenth address",
    cure: "use a block such as 10.32.0.0/24",
    breaks: (good) => ({ ...good, serviceCidr: "10.32.0.0/28" }),
  },
  {
    id: "cidrs-apart",
    of: (settings) => {
      const known = Object.entries(blocks(settings)).filter(([, cidr]) => isCidr(cidr));
      return Object.fromEntries(
        known.flatMap(([a, x], index) => known.slice(index + 1).map(([b, y]) => [`${a} and ${b}`, [x, y]])),
      );
    },
    accepts: ([a, b]: [string, string]) => !Cidr.parse(a).overlaps(Cidr.parse(b)),
    must: "must not overlap, because an address would then be a machine's, a pod's and a service's at once",
    cure: "move one of them, for example to 10.32.0.0/24",
    breaks: (good) => ({ ...good, serviceCidr: "10.240.0.0/24" }),
  },
  {
    id: "pod-blocks",
    of: ({ podCidr }) => ({ podCidr }),
    accepts: (cidr: string, { workers, workerPools }) =>
      !isCidr(cidr) ||
      (prefixOf(cidr) <= 24 &&
        [workers.count, ...Object.values(workerPools).map(({ firstHost, count }) => firstHost + count)].every(
          (end) => end <= 2 ** (24 - prefixOf(cidr)),
        )),
    must: "must hold a /24 for each worker, whose number is the worker's in the default pool and its address's in another",
    cure: "use a /16 such as 10.200.0.0/16",
    breaks: (good) => ({ ...good, podCidr: "10.200.0.0/24" }),
  },
];
