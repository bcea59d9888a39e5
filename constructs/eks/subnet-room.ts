import { DataAwsEksClusters } from "@cdktf/provider-aws/lib/data-aws-eks-clusters";
import { DataAwsSubnet } from "@cdktf/provider-aws/lib/data-aws-subnet";
import { Construct } from "constructs";

/** Nodes of a group in one subnet. */
export interface Guests {
  /** At their most, in the midst of an update too. */
  readonly nodes: number;
  /** That each takes. */
  readonly addresses: number;
}

export interface SubnetRoomProps {
  readonly clusterName: string;
  readonly subnetId: string;
  readonly guests: readonly Guests[];
  /** How many the control plane takes, once. @default 0 */
  readonly controlPlane?: number;
  /** Where the nodes are, if not in this subnet itself: a zone, whose pods alone live here. */
  readonly podsOfZone?: string;
}

/**
 * A subnet that is there. A plan of a new cluster for which it has too few free addresses fails with a sentence that names it
 * and the number missing.
 */
export class SubnetRoom extends Construct {
  constructor(scope: Construct, id: string, props: SubnetRoomProps) {
    super(scope, id);
    const { clusterName, subnetId, guests, controlPlane = 0, podsOfZone } = props;
    const needed = guests.reduce((sum, { nodes, addresses }) => sum + nodes * addresses, controlPlane);

    // What others take beside a cluster that is there, and its own pods, is no reason to refuse every plan of it.
    const clusters = new DataAwsEksClusters(this, "clusters", {});
    const isThere = `contains(data.aws_eks_clusters.${clusters.friendlyUniqueId}.names, "${clusterName}")`;
    new DataAwsSubnet(this, "subnet", {
      id: subnetId,
      lifecycle: {
        postcondition: [
          {
            condition: `\${${isThere} || self.available_ip_address_count >= ${needed}}`,
            errorMessage: `${subnetId} must have ${needed} free addresses for what is not there yet, nodes at their most with the interface that the CNI keeps warm, and lacks \${${needed} - self.available_ip_address_count}; free some, name a larger subnet, or have fewer nodes.`,
          },
          ...(podsOfZone === undefined
            ? []
            : [
                {
                  condition: `\${self.availability_zone == "${podsOfZone}"}`,
                  errorMessage: `podSubnets must have a subnet of ${podsOfZone}, and ${subnetId} is one of \${self.availability_zone}, whose interfaces no node of another zone takes; name it under its own zone.`,
                },
              ]),
        ],
      },
    });
  }
}
