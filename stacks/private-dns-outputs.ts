import type { EksSettings, HardWaySettings, PrivateDnsOutputs } from "../constructs";
import type { ClusterStack } from "./cluster-stack";

/** What the other side and the cluster's operator need of `privateDns`, where it makes that. */
export function privateDnsOutputs(
  stack: ClusterStack<HardWaySettings> | ClusterStack<EksSettings>,
  { resolverAddresses, externalDnsManifest }: PrivateDnsOutputs,
): void {
  if (resolverAddresses.length > 0) stack.output("resolver_addresses", resolverAddresses);
  if (externalDnsManifest !== undefined) stack.output("external_dns_manifest", externalDnsManifest);
}
