import { Cidr } from "../core/cidr";
import { isCidr } from "./blocks";
import type { EksSettings } from "./eks-settings";
import { zoneNamesRule } from "./place";
import type { Rule } from "./rule";

const MOST_ZONES = 6;
const countOf = (zones: readonly string[] | number): number => (typeof zones === "number" ? zones : zones.length);
const prefixOf = (cidr: string): number => Cidr.parse(cidr).prefix;

/** Where an EKS cluster lies, and from where it is reached. */
export const EKS_NETWORK_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "cidr",
    of: ({ networkCidr, serviceCidr }) => ({ networkCidr, serviceCidr }),
    accepts: isCidr,
    must: "must be an IPv4 CIDR without host bits",
    cure: "write the network's first address and its length, such as 192.168.0.0/16",
    breaks: (good) => ({ ...good, networkCidr: "192.168.0.1/16" }),
  },
  {
    id: "network-size",
    of: ({ networkCidr, existingNetwork }) => ({
      networkCidr: existingNetwork === undefined ? networkCidr : undefined,
    }),
    accepts: (cidr: string) => !isCidr(cidr) || (prefixOf(cidr) >= 16 && prefixOf(cidr) <= 24),
    must: "must be a /16 to a /24: AWS has no larger VPC, and of a smaller one no subnet for each zone is left",
    cure: "use a block such as 192.168.0.0/16",
    breaks: (good) => ({ ...good, networkCidr: "192.168.0.0/15" }),
  },
  {
    id: "service-cidr",
    of: ({ serviceCidr }) => ({ serviceCidr }),
    accepts: (cidr: string) =>
      !isCidr(cidr) ||
      (prefixOf(cidr) >= 12 &&
        prefixOf(cidr) <= 24 &&
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some((block) =>
          Cidr.parse(block).overlaps(Cidr.parse(cidr)),
        )),
    must: "must be a /12 to a /24 of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as EKS has it",
    cure: "use a block such as 10.100.0.0/16",
    breaks: (good) => ({ ...good, serviceCidr: "100.64.0.0/16" }),
  },
  {
    id: "cidrs-apart",
    of: ({ networkCidr, serviceCidr }) =>
      isCidr(networkCidr) && isCidr(serviceCidr) ? { "networkCidr and serviceCidr": [networkCidr, serviceCidr] } : {},
    accepts: ([a, b]: [string, string]) => !Cidr.parse(a).overlaps(Cidr.parse(b)),
    must: "must not overlap, because an address would then be a machine's and a service's at once",
    cure: "move one of them, for example to 10.100.0.0/16",
    breaks: (good) => ({ ...good, serviceCidr: "192.168.128.0/17" }),
  },
  {
    id: "zone-count",
    of: ({ availabilityZones }) => ({ availabilityZones }),
    accepts: (zones: readonly string[] | number) => {
      const count = countOf(zones);
      return Number.isInteger(count) && count >= 2 && count <= MOST_ZONES;
    },
    must: `must be 2 to ${MOST_ZONES} zones: EKS puts its control plane into two at least, and no region has more`,
    cure: "use 3",
    breaks: (good) => ({ ...good, availabilityZones: 1 }),
  },
  zoneNamesRule(),
  {
    id: "nat",
    also: ["type"],
    of: ({ nat }) => ({ nat }),
    accepts: (nat: string) => ["none", "single", "per-zone"].includes(nat),
    must: "must be none, single or per-zone",
    cure: "use single",
    breaks: (good) => ({ ...good, nat: "double" as "none" }),
  },
  {
    id: "public-cidrs",
    of: ({ publicCidrs }) => ({ publicCidrs }),
    accepts: (cidrs: readonly string[]) => cidrs.every(isCidr),
    must: "must be IPv4 CIDRs without host bits, from which the endpoint is reached over the internet",
    cure: "write your office's or VPN's block, or your own address with /32; none keeps the endpoint private",
    breaks: (good) => ({ ...good, publicCidrs: ["198.51.100.7/24"] }),
    variables: {
      admin_cidrs: {
        condition:
          'alltrue([for cidr in var.admin_cidrs : can(cidrnetmask(cidr)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)])',
        breaks: '["198.51.100.7/24"]',
      },
    },
  },
  {
    id: "endpoint",
    of: ({ privateEndpoint, publicCidrs }) => ({ privateEndpoint: privateEndpoint ? undefined : publicCidrs }),
    accepts: (cidrs: readonly string[]) => cidrs.includes("0.0.0.0/0"),
    must: "must not be false unless publicCidrs has 0.0.0.0/0: nodes then reach the endpoint from public addresses that nobody knows beforehand",
    cure: "leave it out",
    breaks: (good) => ({ ...good, privateEndpoint: false, publicCidrs: [] }),
  },
];
