import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";

/** Where the VPC's flow logs go. */
export interface FlowLogsSettings {
  /** ARN of an S3 bucket, with an optional folder, that lets the log delivery write. @default - a log group of CloudWatch */
  readonly bucketArn?: string;
  /** How long the log group keeps them; one of the numbers that CloudWatch has. @default 30 */
  readonly retentionDays?: number;
}

export interface FlowLogsProps extends FlowLogsSettings {
  readonly clusterName: string;
  readonly vpcId: string;
  readonly permissionsBoundary?: string | undefined;
}

/** Who spoke to whom in a VPC, whether it was let through or not. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, props: FlowLogsProps) {
    super(scope, id);
    const { clusterName, vpcId, bucketArn } = props;

    new FlowLog(this, "Resource", {
      vpcId,
      trafficType: "ALL",
      ...(bucketArn === undefined ? this.logGroup(props) : { logDestinationType: "s3", logDestination: bucketArn }),
      tags: { Name: clusterName },
    });
  }

  private logGroup({ clusterName, retentionDays = 30, permissionsBoundary }: FlowLogsProps) {
    const group = new CloudwatchLogGroup(this, "log-group", {
      name: `/${clusterName}/flow-logs`,
      retentionInDays: retentionDays,
      tags: { Name: clusterName },
    });
    const account = new DataAwsCallerIdentity(this, "account");
    const role = new IamRole(this, "role", {
      namePrefix: `${clusterName}-flow-logs-`,
      assumeRolePolicy: new DataAwsIamPolicyDocument(this, "trust", {
        statement: [
          {
            actions: ["sts:AssumeRole"],
            principals: [{ type: "Service", identifiers: ["vpc-flow-logs.amazonaws.com"] }],
            // No other account's flow logs write by this role.
            condition: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [account.accountId] }],
          },
        ],
      }).json,
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
    });
    const policy = new IamRolePolicy(this, "policy", {
      namePrefix: "write-",
      role: role.id,
      policy: new DataAwsIamPolicyDocument(this, "write", {
        statement: [
          {
            actions: ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources: [group.arn, `${group.arn}:*`],
          },
        ],
      }).json,
    });
    return {
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      dependsOn: [policy],
    };
  }
}
