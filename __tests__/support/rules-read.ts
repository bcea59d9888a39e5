import type { FirewallRule } from "../../constructs/network/firewall-rules";
import type { AwsApi } from "./aws-api";
import { awsAnswers } from "./aws-calls";

interface Group {
  readonly GroupId: string;
  readonly GroupName: string;
  readonly VpcId: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

interface Rule {
  readonly GroupId: string;
  readonly IsEgress: boolean;
  readonly IpProtocol: string;
  readonly FromPort: number;
  readonly ToPort: number;
  readonly CidrIpv4?: string;
  readonly ReferencedGroupInfo?: { readonly GroupId: string };
  readonly Description?: string;
}

type TableRule = Pick<FirewallRule, "port" | "why"> & Readonly<Record<"from" | "to" | "protocol", string>>;

/** A rule of a table, in the words in which `rulesRead` tells what AWS has. */
export function ruleAsRead({ from, to, protocol, port, why }: TableRule): string {
  const { from: first, to: last } = typeof port === "object" ? port : { from: port ?? -1, to: port ?? -1 };
  return `${from} to ${to}: ${protocol === "all" ? "-1" : protocol} ${first}-${last}, ${why}`;
}

/**
 * Every rule of every group of the cluster's VPC, the default group among them, as AWS tells it: groups by their roles,
 * blocks by the names that are given for them.
 */
export async function rulesRead(
  api: AwsApi,
  clusterName: string,
  blocks: Readonly<Record<string, string>>,
): Promise<{ readonly ingress: string[]; readonly egress: string[] }> {
  const [groups, rules] = await awsAnswers<[{ SecurityGroups: Group[] }, { SecurityGroupRules: Rule[] }]>(
    api,
    "eu-west-1",
    [
      ["ec2", "describe_security_groups"],
      ["ec2", "describe_security_group_rules"],
    ],
  );
  const roleOf = ({ Tags = [] }: Group): string | undefined =>
    Tags.flatMap(({ Key, Value }) => (Key === "Name" && Value.startsWith(`${clusterName}-`) ? [Value] : []))[0]?.slice(
      clusterName.length + 1,
    );
  const vpc = groups.SecurityGroups.find((group) => roleOf(group) === "control-plane")!.VpcId;
  const names = new Map(
    groups.SecurityGroups.filter(({ VpcId }) => VpcId === vpc).map((group) => [
      group.GroupId,
      roleOf(group) ?? group.GroupName,
    ]),
  );
  const told = rules.SecurityGroupRules.filter(({ GroupId }) => names.has(GroupId)).map((rule) => {
    const block = rule.CidrIpv4 ?? "";
    const peer =
      rule.ReferencedGroupInfo === undefined ? (blocks[block] ?? block) : names.get(rule.ReferencedGroupInfo.GroupId)!;
    const [from, to] = [peer, names.get(rule.GroupId)!];
    const what = `${rule.IpProtocol} ${rule.FromPort}-${rule.ToPort}`;
    return {
      egress: rule.IsEgress,
      text: rule.IsEgress ? `${to} to ${from}: ${what}` : `${from} to ${to}: ${what}, ${rule.Description}`,
    };
  });
  const texts = (egress: boolean): string[] =>
    told.flatMap((rule) => (rule.egress === egress ? [rule.text] : [])).sort();
  return { ingress: texts(false), egress: texts(true) };
}
