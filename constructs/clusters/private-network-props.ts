import type { NameResolverSettings } from "../network/name-resolver";
import type { VpcEndpointsSettings } from "../network/vpc-endpoints";
import type { PrivateNetworkSettings } from "../rules/private-network-settings";

/** Names inside of a network, and across to its other side. */
export interface PrivateDns {
  /** Domain of a zone that the VPC alone knows, such as `prod.aws.corp.example`. */
  readonly zone: string;
  /** That zone, where it is there and the VPC asks it: nothing of it is made but records. @default - a new one */
  readonly zoneId?: string;
  /** Ways for names to the other side and from it. @default - none */
  readonly resolver?: NameResolverSettings;
  /** Lets ExternalDNS keep the records of Ingresses and Services in the zone. A new zone is destroyed with them. @default false */
  readonly externalDns?: boolean;
}

/** What a cluster inside of a company's network may have beside it. */
export interface PrivateNetworkProps {
  /** VPC endpoints, by what they are for; their names are reached without the proxy. @default - none */
  readonly vpcEndpoints?: VpcEndpointsSettings;
  /** A private zone of Route 53; a hard-way cluster's API is `api` in it, which people call an internal one by. @default - none */
  readonly privateDns?: PrivateDns;
}

/** The same as plain values. */
export const privateNetworkSettings = ({ vpcEndpoints, privateDns }: PrivateNetworkProps): PrivateNetworkSettings => ({
  vpcEndpoints,
  privateDns,
});
