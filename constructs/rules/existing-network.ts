import { Cidr } from "../core/cidr";
import { isCidr } from "./blocks";
import type { HardWaySettings } from "./hard-way-settings";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

const SUBNET = { id: "subnet-0123456789abcdef0", cidr: "10.240.0.0/25", availabilityZone: "eu-west-1a" };
const NETWORK = {
  vpcId: "vpc-0123456789abcdef0",
  cidr: "10.240.0.0/24",
  subnets: [SUBNET],
  routeTableIds: ["rtb-0123456789abcdef0"],
};
const THERE = { ...PRIVATE, availabilityZones: ["eu-west-1a"], existingNetwork: NETWORK } as const;
const isId = (kind: string, id: string): boolean => new RegExp(`^${kind}-[0-9a-f]{8,17}$`).test(id);
const isIdOf = (kind: string, value: string): string => `can(regex("^${kind}-[0-9a-f]{8,17}$", ${value}))`;
const firstIn = (cidr: string): string => `split("/", ${cidr})[0]`;
const prefixIn = (cidr: string): string => `tonumber(split("/", ${cidr})[1])`;
const isBlock = (cidr: string): string =>
  `(can(cidrnetmask(${cidr})) && try(cidrhost(${cidr}, 0) == ${firstIn(cidr)}, false))`;
const each = <Item, Value>(path: string, items: readonly Item[] | undefined, value: (item: Item) => Value) =>
  Object.fromEntries((items ?? []).map((item, index) => [`${path}[${index}]`, value(item)]));

interface Described {
  readonly vpcId: string;
  readonly cidr: string;
  readonly subnets: readonly { readonly id: string; readonly cidr: string; readonly availabilityZone: string }[];
  readonly routeTableIds?: readonly string[];
}
interface Settled {
  readonly existingNetwork: Described | undefined;
}

/** Ids of an existing network, of which `within` makes good settings. */
export const existingNetworkIdsRule = <Settings extends Settled, Network extends Described>(
  within: (good: Settings, network: Network) => Settings,
  network: Network,
): Rule<Settings> => ({
  id: "existing-network-ids",
  of: ({ existingNetwork }) => ({
    "existingNetwork.vpcId": existingNetwork?.vpcId,
    ...each("existingNetwork.subnets", existingNetwork?.subnets, ({ id }) => id),
    ...each("existingNetwork.routeTableIds", existingNetwork?.routeTableIds, (id) => id),
  }),
  accepts: (id: string, { existingNetwork }) =>
    isId(existingNetwork!.vpcId === id ? "vpc" : existingNetwork!.routeTableIds?.includes(id) ? "rtb" : "subnet", id),
  must: "must have the form of ids of VPCs, subnets and route tables: vpc-, subnet- or rtb- and 8 to 17 hexadecimal digits",
  cure: "copy it from the VPC console, or from the output of the Terraform that made it",
  breaks: (good) => within(good, { ...network, vpcId: "corporate" }),
});

/** Blocks of an existing network's subnets. */
export const existingSubnetsInsideRule = <Settings extends Settled, Network extends Described>(
  within: (good: Settings, network: Network) => Settings,
  network: Network,
): Rule<Settings> => ({
  id: "existing-subnets-inside",
  of: ({ existingNetwork }) =>
    each("existingNetwork.subnets", existingNetwork?.subnets, ({ cidr }) => [cidr, existingNetwork!.cidr]),
  accepts: ([cidr, block]: [string, string]) =>
    isCidr(cidr) &&
    (!isCidr(block) ||
      (Cidr.parse(cidr).prefix >= Cidr.parse(block).prefix && Cidr.parse(block).overlaps(Cidr.parse(cidr)))),
  must: "must have a block without host bits inside that of the network, or firewall rules would not know its machines",
  cure: "write the blocks as the VPC console shows them",
  breaks: (good) => {
    const [first, ...others] = network.subnets;
    return within(good, { ...network, subnets: [{ ...first!, cidr: "10.241.0.0/25" }, ...others] });
  },
});

/** A network that somebody else made. */
export const EXISTING_NETWORK_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "existing-network-private",
    of: ({ existingNetwork, topology, nat, apiExposure, bastion }) =>
      existingNetwork === undefined
        ? {}
        : { topology, nat, apiExposure, bastion: bastion === undefined ? "none" : "a bastion" },
    accepts: (value: string) => ["private", "none", "internal"].includes(value),
    must: "must not make anything that faces the internet in a network that is there: topology private, nat none, apiExposure internal and no bastion",
    cure: "leave it out, since what leads out of that network belongs to those who made it",
    breaks: (good) => ({ ...good, ...THERE, nat: "single" }),
  },
  {
    ...existingNetworkIdsRule((good, existingNetwork) => ({ ...good, ...THERE, existingNetwork }), NETWORK),
    variables: {
      vpc_id: { condition: isIdOf("vpc", "var.vpc_id"), breaks: "corporate" },
      subnets: {
        condition: `alltrue([for subnet in var.subnets : ${isIdOf("subnet", "subnet.id")}])`,
        breaks: '[{id="private-a",cidr="172.20.0.0/24",availability_zone="eu-west-1a"}]',
      },
      route_table_ids: {
        condition: `alltrue([for id in var.route_table_ids : ${isIdOf("rtb", "id")}])`,
        breaks: '["main"]',
      },
    },
  },
  {
    id: "existing-subnets",
    of: ({ existingNetwork: network, podNetwork }) =>
      network === undefined
        ? {}
        : {
            "existingNetwork.subnets": network.subnets.length,
            ...(podNetwork === "vxlan" ? {} : { "existingNetwork.routeTableIds": network.routeTableIds.length }),
          },
    accepts: (count: number) => count > 0,
    must: "must have at least one: subnets for the machines and, unless pods use vxlan, the tables for the routes to pods",
    cure: "name the subnets, one for each zone, and every route table that one of them uses",
    breaks: (good) => ({ ...good, ...THERE, existingNetwork: { ...NETWORK, routeTableIds: [] } }),
  },
  {
    ...existingSubnetsInsideRule((good, existingNetwork) => ({ ...good, ...THERE, existingNetwork }), NETWORK),
    variables: {
      subnets: {
        condition: `alltrue([for subnet in var.subnets : try(${isBlock("subnet.cidr")} && (!${isBlock("var.network_cidr")} || (${prefixIn("subnet.cidr")} >= ${prefixIn("var.network_cidr")} && cidrhost(format("%s/%d", ${firstIn("subnet.cidr")}, ${prefixIn("var.network_cidr")}), 0) == ${firstIn("var.network_cidr")})), false)])`,
        breaks: '[{id="subnet-0123456789abcdef0",cidr="10.241.0.0/24",availability_zone="eu-west-1a"}]',
      },
    },
  },
  {
    id: "existing-route-tables",
    of: ({ existingNetwork }) => ({ "existingNetwork.routeTableIds": existingNetwork?.routeTableIds }),
    accepts: (ids: readonly string[]) => new Set(ids).size === ids.length,
    must: "must name each route table once, since a table takes one route to the pods of a worker",
    cure: "take the second one out",
    breaks: (good) => {
      const [table] = NETWORK.routeTableIds;
      return { ...good, ...THERE, existingNetwork: { ...NETWORK, routeTableIds: [table!, table!] } };
    },
    variables: {
      route_table_ids: {
        condition: "length(distinct(var.route_table_ids)) == length(var.route_table_ids)",
        breaks: '["rtb-0123456789abcdef0","rtb-0123456789abcdef0"]',
      },
    },
  },
  {
    id: "existing-network-alone",
    of: ({ existingNetwork: network, networkCidr, availabilityZones }) =>
      network === undefined
        ? {}
        : {
            networkCidr: [networkCidr, network.cidr],
            availabilityZones: [
              JSON.stringify(availabilityZones),
              JSON.stringify(network.subnets.map(({ availabilityZone }) => availabilityZone)),
            ],
          },
    accepts: ([said, there]: [string, string]) => said === there,
    must: "must be what existingNetwork says",
    cure: "leave it out",
    breaks: (good) => ({ ...good, ...THERE, networkCidr: "10.239.0.0/24" }),
  },
];
