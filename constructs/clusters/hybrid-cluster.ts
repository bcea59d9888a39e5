import { Construct } from "constructs";
import type { ExistingNetworkSettings } from "../network/existing-network";
import type { Proxy } from "../network/proxy";
import { HardWayCluster } from "./hard-way-cluster";
import type { HardWayClusterProps } from "./hard-way-props";

/** What is a company's own is given; what would face the internet is left out. */
export interface HybridClusterProps extends Omit<
  HardWayClusterProps,
  | "apiExposure"
  | "availabilityZones"
  | "bastion"
  | "existingNetwork"
  | "gatewayRoutes"
  | "nat"
  | "networkCidr"
  | "proxy"
  | "topology"
> {
  /** The private VPC and its subnets. */
  readonly network: ExistingNetworkSettings;
  /** The way out. @default - none: mirrors in the network hold everything */
  readonly proxy?: Proxy;
}

/**
 * The hard way inside a private network that is there: an internal load balancer, no public address, no gateway, and
 * everything out through an HTTP proxy or from mirrors.
 *
 * @throws Error with every problem of the props at once.
 */
export class HybridCluster extends Construct {
  readonly cluster: HardWayCluster;

  constructor(scope: Construct, id: string, props: HybridClusterProps) {
    super(scope, id);
    const { network, ...rest } = props;
    // A level that Terraform's addresses do not show.
    this.cluster = new HardWayCluster(this, "Default", {
      ...rest,
      // Without one there would be a network of our own, which no JavaScript caller has asked for.
      existingNetwork: network ?? (null as unknown as ExistingNetworkSettings),
    });
  }
}
