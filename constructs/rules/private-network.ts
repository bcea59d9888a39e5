import { ENDPOINT_FEATURES, servicesOf } from "../facts/vpc-endpoints";
import { isCidr } from "./blocks";
import type { HardWaySettings } from "./hard-way-settings";
import type { PrivateNetworkSettings } from "./private-network-settings";
import type { Rule } from "./rule";

const isDomain = (name: string): boolean =>
  name.length <= 253 && /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
const isAddress = (text: string): boolean => !text.includes("/") && isCidr(`${text}/32`);
const ZONE = "prod.aws.corp.example";
/** AWS's own names, and those inside of a cluster. */
const TAKEN = ["amazonaws.com", "amazonaws.com.cn", "api.aws", "cluster.local", "compute.internal", "ec2.internal"];

/** What a cluster may have beside it in a company's network, alike for every kind of cluster. */
export const privateNetworkRules = <Settings extends PrivateNetworkSettings>(): readonly Rule<Settings>[] => [
  {
    id: "vpc-endpoint-features",
    also: ["type"],
    of: ({ vpcEndpoints }) => ({ "vpcEndpoints.features": vpcEndpoints?.features }),
    accepts: (features: readonly string[]) =>
      features.length > 0 && features.every((feature) => feature in ENDPOINT_FEATURES),
    must: `must be some of ${Object.keys(ENDPOINT_FEATURES).join(", ")}`,
    cure: 'name what the endpoints are for, as in ["ecr", "logs"]',
    breaks: (good) => ({ ...good, vpcEndpoints: { features: ["ecr.api"] } }),
  },
  {
    id: "vpc-endpoint-services",
    also: ["type"],
    of: ({ vpcEndpoints }) => ({
      "vpcEndpoints.existing": vpcEndpoints?.existing,
      "vpcEndpoints.except": vpcEndpoints?.except,
    }),
    accepts: (services: readonly string[], { vpcEndpoints }) => {
      const { features = [], existing = [], except = [] } = vpcEndpoints ?? {};
      const all: readonly string[] = servicesOf(features);
      return services.every(
        (service) => all.includes(service) && !(existing.includes(service) && except.includes(service)),
      );
    },
    must: "must be services of the features that are asked for, each of them either there already or not wanted",
    cure: 'write them as AWS does, as in ["ecr.api", "s3"]',
    breaks: (good) => ({ ...good, vpcEndpoints: { features: ["ecr"], existing: ["logs"] } }),
  },
  {
    id: "vpc-endpoint-callers",
    of: ({ vpcEndpoints }) => ({ "vpcEndpoints.callers": vpcEndpoints?.callers }),
    accepts: (cidrs: readonly string[]) => cidrs.length <= 50 && cidrs.every((cidr) => isCidr(cidr)),
    must: "must be at most 50 IPv4 blocks without host bits, since a security group takes 60 rules",
    cure: "name the blocks of those who call, as in 10.1.0.0/16",
    breaks: (good) => ({ ...good, vpcEndpoints: { features: ["ecr"], callers: ["10.1.0.5/16"] } }),
  },
  {
    id: "private-zone",
    of: ({ privateDns }) => ({ "privateDns.zone": privateDns?.zone }),
    accepts: (zone: string) => isDomain(zone) && TAKEN.every((taken) => zone !== taken && !zone.endsWith(`.${taken}`)),
    must: "must be a domain of two labels or more in lower case without a dot at its end, and none of AWS's or of the cluster's own",
    cure: "name one that nothing else answers for, such as prod.aws.corp.example",
    breaks: (good) => ({ ...good, privateDns: { zone: "svc.cluster.local" } }),
  },
  {
    id: "private-zone-id",
    of: ({ privateDns }) => ({ "privateDns.zoneId": privateDns?.zoneId }),
    accepts: (id: string) => /^Z[0-9A-Z]{7,31}$/.test(id),
    must: "must be the id of a hosted zone: Z and capital letters and digits",
    cure: "copy it from the console of Route 53, or from the output of the Terraform that made it",
    breaks: (good) => ({ ...good, privateDns: { zone: ZONE, zoneId: "/hostedzone/prod" } }),
  },
  {
    id: "resolver-inbound",
    of: ({ privateDns }) => ({ "privateDns.resolver.inboundFrom": privateDns?.resolver?.inboundFrom }),
    accepts: (cidrs: readonly string[]) => cidrs.length <= 30 && cidrs.every((cidr) => isCidr(cidr)),
    must: "must be at most 30 IPv4 blocks without host bits, each of which takes two of the 60 rules of a security group",
    cure: "name the blocks of the name servers, as in 10.1.0.0/16",
    breaks: (good) => ({
      ...good,
      availabilityZones: 2,
      privateDns: { zone: ZONE, resolver: { inboundFrom: ["10.1.0.53"] } },
    }),
  },
  {
    id: "resolver-forward",
    of: ({ privateDns }) =>
      Object.fromEntries(
        Object.entries(privateDns?.resolver?.forward ?? {}).map(([domain, servers]) => [
          `privateDns.resolver.forward.${domain}`,
          [domain, servers],
        ]),
      ),
    accepts: ([domain, servers]: [string, readonly string[]], { privateDns }) =>
      (domain === "." || isDomain(`x.${domain}`)) &&
      domain !== privateDns?.zone &&
      servers.length >= 1 &&
      servers.length <= 6 &&
      servers.every(isAddress),
    must: "must map a domain, and not the zone's own, which would then be asked of the other side alone, to the IPv4 addresses of 1 to 6 name servers",
    cure: 'write it as in { "corp.example": ["10.1.0.53"] }',
    breaks: (good) => ({
      ...good,
      availabilityZones: 2,
      privateDns: { zone: ZONE, resolver: { forward: { [ZONE]: ["10.1.0.53"] } } },
    }),
  },
];

/** EKS has two zones in any case. */
export const RESOLVER_SUBNETS_RULE: Rule<HardWaySettings> = {
  id: "resolver-subnets",
  of: ({ privateDns, existingNetwork, availabilityZones }) => {
    const { inboundFrom = [], forward = {} } = privateDns?.resolver ?? {};
    if (inboundFrom.length === 0 && Object.keys(forward).length === 0) return {};
    return existingNetwork === undefined
      ? { availabilityZones }
      : { "existingNetwork.subnets": new Set(existingNetwork.subnets.map(({ id }) => id)).size };
  },
  accepts: (zones: number | readonly string[]) => (typeof zones === "number" ? zones : zones.length) >= 2,
  must: "must be two at least with privateDns.resolver, whose endpoints have an address in each of two subnets",
  cure: "use two zones or name a second subnet, or leave the resolver out",
  breaks: (good) => ({
    ...good,
    availabilityZones: 1,
    privateDns: { zone: ZONE, resolver: { inboundFrom: ["10.1.0.0/16"] } },
  }),
};
