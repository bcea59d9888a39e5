import { Cidr } from "../core/cidr";
import { isCidr } from "./blocks";
import type { HardWaySettings } from "./hard-way-settings";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

const VPN = "vgw-0123456789abcdef0";
const blocksOf = ({ gatewayRoutes }: HardWaySettings): string[] => Object.keys(gatewayRoutes ?? {});

/** Routes to the other side, by gateways that are there. */
export const GATEWAY_ROUTE_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "gateway-routes-own-network",
    of: ({ gatewayRoutes, existingNetwork }) =>
      existingNetwork === undefined || gatewayRoutes === undefined ? {} : { gatewayRoutes: Object.keys(gatewayRoutes) },
    accepts: () => false,
    must: "must not be given for a network that is there, whose routes are those of its owner",
    cure: "leave it out, and have the route added there",
    breaks: (good) => ({
      ...good,
      ...PRIVATE,
      availabilityZones: ["eu-west-1a"],
      gatewayRoutes: { "10.1.0.0/16": VPN },
      existingNetwork: {
        vpcId: "vpc-0123456789abcdef0",
        cidr: "10.240.0.0/24",
        subnets: [{ id: "subnet-0123456789abcdef0", cidr: "10.240.0.0/25", availabilityZone: "eu-west-1a" }],
        routeTableIds: ["rtb-0123456789abcdef0"],
      },
    }),
  },
  {
    id: "gateway-route-block",
    of: (settings) => Object.fromEntries(blocksOf(settings).map((block) => [`gatewayRoutes.${block}`, block])),
    accepts: (block: string, { networkCidr, podCidr, serviceCidr }) =>
      isCidr(block) &&
      [networkCidr, podCidr, serviceCidr].every((own) => !isCidr(own) || !Cidr.parse(own).overlaps(Cidr.parse(block))),
    must: "must be an IPv4 CIDR without host bits, and hold no address of networkCidr, podCidr or serviceCidr, or the cluster's own would be looked for on the other side",
    cure: "name the other side's blocks one by one, such as 10.1.0.0/16",
    breaks: (good) => ({ ...good, gatewayRoutes: { "10.0.0.0/8": VPN } }),
  },
  {
    id: "gateway-route-target",
    of: ({ gatewayRoutes }) =>
      Object.fromEntries(Object.entries(gatewayRoutes ?? {}).map(([block, id]) => [`gatewayRoutes.${block}`, id])),
    accepts: (id: string) => /^[vt]gw-[0-9a-f]{8,17}$/.test(id),
    must: "must be the id of a VPN gateway or a transit gateway: vgw- or tgw- and 8 to 17 hexadecimal digits",
    cure: "copy it from the VPC console, for Direct Connect that of the one that its gateway is associated with",
    breaks: (good) => ({ ...good, gatewayRoutes: { "10.1.0.0/16": "dxgw-1234" } }),
  },
  {
    id: "gateway-routes-one-vpn",
    of: ({ gatewayRoutes }) => {
      const gateways = new Set(Object.values(gatewayRoutes ?? {}).filter((id) => id.startsWith("vgw-")));
      return gateways.size === 0 ? {} : { gatewayRoutes: [...gateways] };
    },
    accepts: (gateways: string[]) => gateways.length === 1,
    must: "must name one VPN gateway at most, since a VPC has one",
    cure: "route all of it through one, or through a transit gateway",
    breaks: (good) => ({
      ...good,
      gatewayRoutes: { "10.1.0.0/16": VPN, "10.2.0.0/16": "vgw-0123456789abcdef1" },
    }),
  },
];
