import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { ExternalDns } from "../network/external-dns";
import { NameResolver } from "../network/name-resolver";
import type { INetwork, Subnet } from "../network/network";
import { PrivateZone } from "../network/private-zone";
import { VpcEndpoints } from "../network/vpc-endpoints";
import type { PrivateNetworkProps } from "./private-network-props";

/** A private zone and who writes into it, where there is one. */
export interface ZoneOfCluster {
  readonly zone?: PrivateZone;
  readonly externalDns?: ExternalDns;
}

/** What a cluster has beside it in a company's network. */
export interface PrivateNetwork {
  /** What nodes reach without the proxy. */
  readonly names: readonly string[];
  /** VPC endpoints that nodes call. */
  readonly ready: readonly TerraformResource[];
  readonly dns: PrivateDnsOutputs;
}

/** What people need to use a cluster's private names. */
export interface PrivateDnsOutputs {
  /** What name servers of the other side ask for names of the private zone; empty without an inbound endpoint. */
  readonly resolverAddresses: readonly string[];
  /** Runs ExternalDNS by `kubectl apply`, where it keeps the private zone. */
  readonly externalDnsManifest: string | undefined;
}

/** Before the machines, whose role may write into the zone. */
export function privateZone(
  scope: Construct,
  { privateDns }: PrivateNetworkProps,
  {
    clusterName,
    vpcId,
    nodeRole,
  }: { readonly clusterName: string; readonly vpcId: string; readonly nodeRole: boolean },
): ZoneOfCluster {
  if (privateDns === undefined) return {};
  const { zone: domain, zoneId, externalDns: keeps = false } = privateDns;
  const zone = new PrivateZone(scope, "private-zone", {
    ...{ clusterName, vpcId, zone: domain, zoneId },
    writtenByOthers: keeps,
  });
  if (!keeps) return { zone };
  return { zone, externalDns: new ExternalDns(scope, "external-dns", { clusterName, zone, nodeRole }) };
}

/** After them, since AWS gives each interface an address of its own choice. */
export function privateNetwork(
  scope: Construct,
  { vpcEndpoints, privateDns }: PrivateNetworkProps,
  where: {
    readonly clusterName: string;
    readonly network: INetwork;
    /** Those of the machines. */
    readonly subnets: readonly Subnet[];
    readonly names: ZoneOfCluster;
    readonly callersGroupId?: string;
    readonly after: readonly TerraformResource[];
  },
): PrivateNetwork {
  const { clusterName, network, subnets, callersGroupId, after } = where;
  const { zone, externalDns } = where.names;
  const { vpcId, cidr, usedTableIds: routeTableIds } = network;
  const common = { clusterName, vpcId, subnets, after };
  const endpoints =
    vpcEndpoints === undefined
      ? undefined
      : new VpcEndpoints(scope, "vpc-endpoints", { ...common, ...vpcEndpoints, cidr, routeTableIds, callersGroupId });
  const resolver =
    privateDns?.resolver === undefined
      ? undefined
      : new NameResolver(scope, "name-resolver", { ...common, ...privateDns.resolver });
  return {
    names: [...(zone === undefined ? [] : [`.${zone.zone}`]), ...(endpoints?.names ?? [])],
    ready: endpoints?.ready ?? [],
    dns: {
      resolverAddresses: resolver?.inboundAddresses ?? [],
      externalDnsManifest: externalDns?.manifest,
    },
  };
}
