import type { AwsApi } from "./aws-api";
import { awsAnswers } from "./aws-calls";
import type { Block } from "./resources";

const KINDS = [
  ["eks", "list_clusters", "clusters"],
  ["autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"],
  ["ec2", "describe_launch_templates", "LaunchTemplates"],
  ["ec2", "describe_nat_gateways", "NatGateways"],
  ["ec2", "describe_addresses", "Addresses"],
  ["ec2", "describe_internet_gateways", "InternetGateways"],
  ["ec2", "describe_key_pairs", "KeyPairs"],
  ["ec2", "describe_instance_connect_endpoints", "InstanceConnectEndpoints"],
  ["logs", "describe_log_groups", "logGroups"],
  ["iam", "list_roles", "Roles"],
  ["iam", "list_instance_profiles", "InstanceProfiles"],
  ["iam", "list_open_id_connect_providers", "OpenIDConnectProviderList"],
] as const;

/** How many of each there still are of what a cluster of EKS leaves in an account. */
export async function leftovers(api: AwsApi, region: string): Promise<Record<string, number>> {
  const answers = await awsAnswers(
    api,
    region,
    KINDS.map(([service, call]) => [service, call] as const),
  );
  const counts = answers.map((answer, index): [string, number] => {
    const found = answer[KINDS[index]![2]] as Block[];
    return [KINDS[index]![2], found.filter(({ State }) => State !== "deleted").length];
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
