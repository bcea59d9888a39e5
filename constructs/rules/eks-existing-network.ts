import { isKnown } from "../core/known";
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

// Source: docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html: 16 KB, before EC2's own base64.
const USER_DATA = 16 * 1024;
/** What stands there besides: the endpoint and its certificate, labels, taints, what is derived as reached directly. */
const OTHERS = 5 * 1024;

/** Bytes that the authorities of a proxy may have. They are in base64; exceptions stand there twice. */
export const roomOfAuthorities = (exceptions: readonly string[] = []): number =>
  Math.floor(((USER_DATA - OTHERS - 2 * exceptions.join(",").length) * 3) / 4);

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
    id: "proxy-ca-size",
    of: ({ proxy, groups }) => ({
      "proxy.caBundle":
        proxy?.caBundle === undefined || !isKnown(proxy.caBundle) || Object.keys(groups).length === 0
          ? undefined
          : { bytes: Buffer.byteLength(proxy.caBundle), room: roomOfAuthorities(proxy.exceptions) },
    }),
    accepts: ({ bytes, room }: { bytes: number; room: number }) => bytes <= room,
    must: "must not have more bytes than there is room for: it stands in the nodes' user data, of which EC2 takes 16 KiB, in base64 and beside the rest",
    cure: "leave in it the proxy's own authority alone, and write a domain with a dot instead of many exceptions",
    breaks: (good) => ({
      ...good,
      proxy: {
        url: "http://proxy.corp.example:3128",
        caBundle: `-----BEGIN CERTIFICATE-----\n${"M".repeat(12_000)}\n-----END CERTIFICATE-----\n`,
      },
    }),
  },
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
