import type { ExistingNetworkSettings } from "../../constructs";

/** A private network that somebody else made, as far as a synth looks at it. */
export const CORPORATE: ExistingNetworkSettings = {
  vpcId: "vpc-0123456789abcdef0",
  cidr: "172.20.0.0/16",
  subnets: [
    { id: "subnet-0123456789abcdef0", cidr: "172.20.0.0/24", availabilityZone: "eu-west-1a" },
    { id: "subnet-0123456789abcdef1", cidr: "172.20.1.0/24", availabilityZone: "eu-west-1b" },
  ],
  routeTableIds: ["rtb-0123456789abcdef0", "rtb-0123456789abcdef1"],
};
