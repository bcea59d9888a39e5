import type { EksSettings } from "./eks-settings";
import { existingNetworkIdsRule, existingSubnetsInsideRule } from "./existing-network";
import { proxyCaRule, proxyExceptionsRule, proxyUrlRule } from "./proxy";
import type { Rule } from "./rule";

const subnet = (index: number): { id: string; cidr: string; availabilityZone: string } => ({
  id: `subnet-0123456789abcdef${index}`,
  cidr: `10.240.${index}.0/24`,
  availabilityZone: `eu-west-1${"ab"[index]}`,
});
const NETWORK = { vpcId: "vpc-0123456789abcdef0", cidr: "10.240.0.0/16", subnets: [subnet(0), subnet(1)] };

/** Good settings in such a network. */
const within = (good: EksSettings, existingNetwork: NonNullable<EksSettings["existingNetwork"]>): EksSettings => ({
  ...good,
  ...{ existingNetwork, networkCidr: existingNetwork.cidr, nat: "none" },
  availabilityZones: [...new Set(existingNetwork.subnets.map(({ availabilityZone }) => availabilityZone))],
  groups: Object.fromEntries(
    Object.entries(good.groups).map(([path, group]) => [path, { ...group, subnets: "private" as const }]),
  ),
});

/** A network that somebody else made, and its way out. */
export const EKS_EXISTING_NETWORK_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "existing-network-private",
    of: ({ existingNetwork, nat, privateEndpoint, publicCidrs, groups }) =>
      existingNetwork === undefined
        ? {}
        : {
            nat,
            privateEndpoint: privateEndpoint ? "private" : "none at all",
            publicCidrs: publicCidrs.length === 0 ? "none" : publicCidrs,
            ...Object.fromEntries(Object.entries(groups).map(([path, { subnets }]) => [`${path}.subnets`, subnets])),
          },
    accepts: (value: unknown) => value === "private" || value === "none",
    must: "must not make anything that faces the internet in a network that is there: nat none, a private endpoint without publicCidrs, and nodes in private subnets",
    cure: "leave it out, since what leads out of that network belongs to those who made it",
    breaks: (good) => ({ ...within(good, NETWORK), nat: "single" }),
  },
  existingNetworkIdsRule((good, network) => within(good, network), NETWORK),
  existingSubnetsInsideRule((good, network) => within(good, network), NETWORK),
  {
    id: "existing-network-alone",
    of: ({ existingNetwork: network, networkCidr, availabilityZones }) =>
      network === undefined
        ? {}
        : {
            networkCidr: [networkCidr, network.cidr],
            availabilityZones: [
              JSON.stringify(availabilityZones),
              JSON.stringify([...new Set(network.subnets.map(({ availabilityZone }) => availabilityZone))]),
            ],
          },
    accepts: ([said, there]: [string, string]) => said === there,
    must: "must be what existingNetwork says",
    cure: "leave it out",
    breaks: (good) => ({ ...within(good, NETWORK), networkCidr: "10.239.0.0/16" }),
  },
  proxyUrlRule(),
  proxyExceptionsRule(),
  proxyCaRule(),
  {
    id: "proxy-systems",
    of: ({ proxy, groups }) =>
      proxy === undefined
        ? {}
        : Object.fromEntries(
            Object.entries(groups).map(([path, { operatingSystem }]) => [`${path}.operatingSystem`, operatingSystem]),
          ),
    accepts: (system: string) => ["al2023", "bottlerocket"].includes(system),
    must: "must be al2023 or bottlerocket behind a proxy: the bootstrap programs of the others know none",
    cure: "leave it out for al2023",
    breaks: (good) => ({
      ...good,
      proxy: { url: "http://proxy.corp.example:3128" },
      groups: Object.fromEntries(
        Object.entries(good.groups).map(([path, group]) => [path, { ...group, operatingSystem: "ubuntu" as const }]),
      ),
    }),
  },
];
