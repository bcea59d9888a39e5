import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { Construct } from "constructs";
import { externalDnsManifest } from "../facts/external-dns";

export interface ExternalDnsProps {
  readonly clusterName: string;
  readonly zone: { readonly id: string; readonly zone: string };
  /** Whether its pod has the role of its node, which the metadata service gives to pods in the host's network alone. */
  readonly nodeRole: boolean;
}

/** What ExternalDNS may do, and how it is run. It keeps the records of Ingresses and Services in one zone. */
export class ExternalDns extends Construct {
  /** As JSON. */
  readonly policy: string;
  /** For kubectl apply. */
  readonly manifest: string;

  constructor(scope: Construct, id: string, props: ExternalDnsProps) {
    super(scope, id);
    const { clusterName, nodeRole } = props;
    const { id: zoneId, zone } = props.zone;
    const { partition } = new DataAwsPartition(this, "partition");
    // Source: ExternalDNS, docs/tutorials/aws.md, for one zone; without zone tags to filter by it asks for none.
    this.policy = new DataAwsIamPolicyDocument(this, "document", {
      statement: [
        {
          actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"],
          resources: [`arn:${partition}:route53:::hostedzone/${zoneId}`],
        },
        { actions: ["route53:ListHostedZones"], resources: ["*"] },
      ],
    }).json;
    const region = new DataAwsRegion(this, "region").name;
    this.manifest = externalDnsManifest({ clusterName, zone, zoneId, region, hostNetwork: nodeRole });
  }
}
