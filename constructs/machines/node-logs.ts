import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

/** Logs of services and pods in CloudWatch. */
export interface NodeLogsSettings {
  /** Name of the log group. @default - /CLUSTER/nodes */
  readonly groupName?: string;
  /** How long it keeps them; one of the numbers that CloudWatch has. @default 30 */
  readonly retentionDays?: number;
  /** ARN of the KMS key that encrypts it, which has to let logs.REGION.amazonaws.com use it. @default - a key of CloudWatch's own */
  readonly kmsKeyArn?: string;
}

export interface NodeLogsProps extends NodeLogsSettings {
  readonly clusterName: string;
}

/** The log group of a cluster's machines, with two streams for each, and the policy by which they write. */
export class NodeLogs extends Construct {
  readonly groupName: string;
  readonly region: string;
  /** Where CloudWatch takes logs; a VPC endpoint of the service has the same name. */
  readonly endpoint: string;
  /** JSON of an inline policy. */
  readonly policy: string;

  constructor(scope: Construct, id: string, props: NodeLogsProps) {
    super(scope, id);
    const { clusterName, groupName = `/${clusterName}/nodes`, retentionDays = 30, kmsKeyArn } = props;
    const group = new CloudwatchLogGroup(this, "Resource", {
      name: groupName,
      retentionInDays: retentionDays,
      ...(kmsKeyArn === undefined ? {} : { kmsKeyId: kmsKeyArn }),
      tags: { Name: clusterName },
    });
    this.groupName = group.name;
    this.region = new DataAwsRegion(this, "region").name;
    this.endpoint = `https://logs.${this.region}.${new DataAwsPartition(this, "partition").dnsSuffix}`;
    // Group and streams are made here, so that machines need write into them alone.
    this.policy = new DataAwsIamPolicyDocument(this, "write", {
      statement: [{ actions: ["logs:PutLogEvents"], resources: [`${group.arn}:log-stream:*`] }],
    }).json;
  }

  /** A stream for each machine's services and one for its pods, as the stage logs names them. */
  streamsFor(machines: readonly { readonly name: string }[]): TerraformResource[] {
    return machines.flatMap(({ name }) =>
      ["system", "pods"].map(
        (what) =>
          new CloudwatchLogStream(this, `${name}-${what}`, {
            logGroupName: this.groupName,
            name: `${name}/${what}`,
          }),
      ),
    );
  }
}
