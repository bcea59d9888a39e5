import { ENDPOINT_FEATURES } from "../facts/vpc-endpoints";
import type { HardWaySettings } from "./hard-way-settings";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

// Source: CloudWatch Logs API reference, PutRetentionPolicy (2026-08).
export const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const isPolicy = (arn: string): boolean => /^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy\/\S+$/.test(arn);
/** By its form; what of it AWS knows is AWS's to judge. */
function isPolicyDocument(text: string): boolean {
  try {
    const { Version, Statement } = JSON.parse(text) as { Version?: unknown; Statement?: unknown };
    return typeof Version === "string" && typeof Statement === "object" && Statement !== null;
  } catch {
    return false;
  }
}

/** How people come in, what machines may do in AWS, and what is written down. */
export const PEOPLE_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "access",
    also: ["type"],
    of: ({ access }) => ({ access }),
    accepts: (access: string) => ["ssh", "ssm", "instanceConnect", "none"].includes(access),
    must: "must be ssh, ssm, instanceConnect or none",
    cure: "use ssh",
    breaks: (good) => ({ ...good, access: "telnet" as "ssh" }),
  },
  {
    id: "ssm-agent",
    of: ({ access, ssmAgent }) => ({ operatingSystem: access === "ssm" ? ssmAgent : undefined }),
    accepts: (hasAgent: boolean) => hasAgent,
    must: "must be one whose image has the SSM agent where people come in by SSM, and that of Debian has none",
    cure: "use UBUNTU_2404, or another access",
    breaks: (good) => ({ ...good, access: "ssm", ssmAgent: false }),
  },
  {
    id: "ssm-way-out",
    of: ({ access, topology, nat }) => ({ nat: access === "ssm" && topology === "private" ? nat : undefined }),
    accepts: (nat: string, { vpcEndpoints: { features = [], except = [] } = {} }) =>
      nat !== "none" ||
      (features.includes("ssm") && ENDPOINT_FEATURES.ssm.every((service) => !except.includes(service))),
    must: "must not be none where people come in by SSM to private machines, whose agents call AWS",
    cure: "use single, an endpoint by vpcEndpoints with ssm, or another access",
    breaks: (good) => ({ ...good, ...PRIVATE, access: "ssm", ssmAgent: true }),
  },
  {
    id: "policies",
    of: ({ policies }) =>
      Object.fromEntries(Object.entries(policies).map(([role, arns]) => [`iam.policies.${role}`, arns])),
    accepts: (arns: Readonly<Record<string, string>>) =>
      Object.entries(arns).every(([name, arn]) => /^[a-z][a-z0-9-]*$/.test(name) && isPolicy(arn)),
    must: "must map names of lower-case letters, digits and hyphens to ARNs of IAM policies",
    cure: "write them as in ecr: 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly'",
    breaks: (good) => ({ ...good, policies: { workers: { ecr: "AmazonEC2ContainerRegistryReadOnly" } } }),
  },
  {
    id: "inline-policies",
    of: ({ inlinePolicies }) =>
      Object.fromEntries(Object.entries(inlinePolicies).map(([role, named]) => [`iam.inlinePolicies.${role}`, named])),
    accepts: (named: Readonly<Record<string, string>>) =>
      Object.entries(named).every(([name, policy]) => /^[a-z][a-z0-9-]*$/.test(name) && isPolicyDocument(policy)),
    must: "must map names of lower-case letters, digits and hyphens to JSON of IAM policies",
    cure: "give the text of a document with Version and Statement",
    breaks: (good) => ({ ...good, inlinePolicies: { workers: { read: "s3:GetObject" } } }),
  },
  {
    id: "instance-profiles",
    of: ({ instanceProfiles }) =>
      Object.fromEntries(
        Object.entries(instanceProfiles).map(([role, name]) => [`iam.instanceProfiles.${role}`, name]),
      ),
    accepts: (name: string) => /^[A-Za-z0-9+=,.@_-]{1,128}$/.test(name),
    must: "must be the name of an instance profile, not its ARN",
    cure: "write it as in corp-kubernetes-worker",
    breaks: (good) => ({
      ...good,
      instanceProfiles: { workers: "arn:aws:iam::123456789012:instance-profile/corp-kubernetes-worker" },
    }),
  },
  {
    id: "instance-profile-alone",
    of: (settings) =>
      Object.fromEntries(
        Object.keys(settings.instanceProfiles).map((role) => [
          `iam.instanceProfiles.${role}`,
          [
            ...(settings.policies[role] === undefined ? [] : ["policies"]),
            ...(settings.inlinePolicies[role] === undefined ? [] : ["inlinePolicies"]),
          ],
        ]),
      ),
    accepts: (beside: readonly string[]) => beside.length === 0,
    must: "must not stand beside policies or inlinePolicies of the same role, which belongs to those who made it",
    cure: "leave one of them out",
    breaks: (good) => ({
      ...good,
      instanceProfiles: { workers: "corp-kubernetes-worker" },
      policies: { workers: { ecr: "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly" } },
    }),
  },
  {
    id: "permissions-boundary",
    of: ({ permissionsBoundary }) => ({ "iam.permissionsBoundary": permissionsBoundary }),
    accepts: isPolicy,
    must: "must be the ARN of an IAM policy",
    cure: "write it as in arn:aws:iam::123456789012:policy/boundary",
    breaks: (good) => ({ ...good, permissionsBoundary: "boundary" }),
  },
  {
    id: "flow-logs-retention",
    of: ({ flowLogs }) => ({ "flowLogs.retentionDays": flowLogs?.retentionDays }),
    accepts: (days: number) => RETENTIONS.includes(days),
    must: `must be a number of days that CloudWatch knows: ${RETENTIONS.join(", ")}`,
    cure: "use 30",
    breaks: (good) => ({ ...good, flowLogs: { retentionDays: 10 } }),
  },
  {
    id: "flow-logs-bucket",
    of: ({ flowLogs }) => ({ "flowLogs.bucketArn": flowLogs?.bucketArn }),
    accepts: (arn: string) => /^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/\S*)?$/.test(arn),
    must: "must be the ARN of an S3 bucket, with or without a folder",
    cure: "write it as in arn:aws:s3:::my-flow-logs",
    breaks: (good) => ({ ...good, flowLogs: { bucketArn: "my-flow-logs" } }),
  },
];
