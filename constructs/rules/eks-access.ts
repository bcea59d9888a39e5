import { isCidr } from "./blocks";
import type { EksSettings, MappingSettings } from "./eks-settings";
import type { Rule } from "./rule";

// Source: CloudWatch Logs API reference, PutRetentionPolicy (2026-08).
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

const each = (path: string, mappings: readonly MappingSettings[]): Record<string, string> =>
  Object.fromEntries(mappings.map(({ arn }, index) => [`${path}[${index}]`, arn]));
const ROLE = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/;
const PRINCIPAL = /^arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/;
const mapping = (arn: string): MappingSettings => ({ arn, username: "somebody", groups: [] });

/** Who may come into an EKS cluster, and how. */
export const EKS_ACCESS_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "authentication-mode",
    also: ["type"],
    of: ({ authenticationMode }) => ({ authenticationMode }),
    accepts: (mode: string) => ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"].includes(mode),
    must: "must be CONFIG_MAP, API_AND_CONFIG_MAP or API",
    cure: "use API_AND_CONFIG_MAP",
    breaks: (good) => ({ ...good, authenticationMode: "aws-auth" as "API" }),
  },
  {
    id: "role-not-profile",
    of: ({ mappedRoles }) => each("access.roles", mappedRoles),
    accepts: (arn: string) => !arn.includes(":instance-profile/"),
    must: "must be the ARN of the role, and not of an instance profile that holds it, or nobody who has it is let in",
    cure: "write it as in arn:aws:iam::123456789012:role/name",
    breaks: (good) => ({
      ...good,
      mappedRoles: [mapping("arn:aws:iam::123456789012:instance-profile/nodes")],
    }),
  },
  {
    id: "role-arn",
    of: ({ mappedRoles }) => each("access.roles", mappedRoles),
    accepts: (arn: string) => ROLE.test(arn) || arn.includes(":instance-profile/"),
    must: "must be the ARN of a role of IAM",
    cure: "write it as in arn:aws:iam::123456789012:role/name",
    breaks: (good) => ({ ...good, mappedRoles: [mapping("arn:aws:iam::123456789012:user/ann")] }),
  },
  {
    id: "user-arn",
    of: ({ mappedUsers }) => each("access.users", mappedUsers),
    accepts: (arn: string) => PRINCIPAL.test(arn) && arn.includes(":user/"),
    must: "must be the ARN of a user of IAM",
    cure: "write it as in arn:aws:iam::123456789012:user/ann",
    breaks: (good) => ({ ...good, mappedUsers: [mapping("ann")] }),
  },
  {
    id: "username",
    of: ({ mappedRoles, mappedUsers }) => ({
      "access.roles and access.users": [...mappedRoles, ...mappedUsers].map(({ username }) => username),
    }),
    accepts: (names: readonly string[]) => names.every((name) => name !== "" && !/[$%]\{|\s/.test(name)),
    must: "must each have a username, without a blank and without what Terraform would read as an expression",
    cure: "write one such as ann or ops:{{SessionName}}",
    breaks: (good) => ({ ...good, mappedUsers: [{ ...mapping("arn:aws:iam::123456789012:user/ann"), username: "" }] }),
  },
  {
    id: "accounts",
    of: ({ accounts }) => ({ "access.accounts": accounts }),
    accepts: (accounts: readonly string[]) => accounts.every((account) => /^[0-9]{12}$/.test(account)),
    must: "must be numbers of accounts, 12 digits each",
    cure: "write them as in '123456789012'",
    breaks: (good) => ({ ...good, accounts: ["1234"] }),
  },
  {
    id: "aws-auth-unread",
    of: ({ authenticationMode: mode, mappedRoles, mappedUsers, accounts }) => ({
      "access.roles, access.users and access.accounts":
        mode === "API" ? [...mappedRoles, ...mappedUsers].map(({ arn }) => arn).concat(accounts) : undefined,
    }),
    accepts: (given: readonly string[]) => given.length === 0,
    must: "must be empty where the authenticationMode is API, in which EKS does not read aws-auth",
    cure: "use access.entries",
    breaks: (good) => ({ ...good, authenticationMode: "API", accounts: ["123456789012"] }),
  },
  {
    id: "access-entries",
    of: ({ accessEntries }) => ({ "access.entries": accessEntries }),
    accepts: (entries: Readonly<Record<string, string>>) =>
      Object.entries(entries).every(([name, arn]) => /^[a-z][a-z0-9-]*$/.test(name) && PRINCIPAL.test(arn)) &&
      new Set(Object.values(entries)).size === Object.keys(entries).length,
    must: "must map names of lower-case letters, digits and hyphens to principals, ARNs of roles or users of IAM, each once",
    cure: "write them as in ann: { principalArn: 'arn:aws:iam::123456789012:user/ann' }",
    breaks: (good) => ({ ...good, accessEntries: { ann: "ann" } }),
  },
  {
    id: "entries-unread",
    of: ({ authenticationMode, accessEntries }) => ({
      "access.entries": authenticationMode === "CONFIG_MAP" ? Object.keys(accessEntries) : undefined,
    }),
    accepts: (names: readonly string[]) => names.length === 0,
    must: "must be empty where the authenticationMode is CONFIG_MAP, in which EKS takes no access entries",
    cure: "use API_AND_CONFIG_MAP",
    breaks: (good) => ({
      ...good,
      authenticationMode: "CONFIG_MAP",
      accessEntries: { ann: "arn:aws:iam::123456789012:user/ann" },
    }),
  },
  {
    id: "logs",
    also: ["type"],
    of: ({ logs }) => ({ logs }),
    accepts: (logs: readonly string[]) => logs.every((log) => LOGS.includes(log)) && new Set(logs).size === logs.length,
    must: `must be of ${LOGS.join(", ")}, each once`,
    cure: "use ['audit', 'authenticator']",
    breaks: (good) => ({ ...good, logs: ["kubelet"] }),
  },
  {
    id: "log-retention",
    of: ({ logRetentionDays }) => ({ logRetentionDays }),
    accepts: (days: number) => RETENTIONS.includes(days),
    must: `must be a number of days that CloudWatch knows: ${RETENTIONS.join(", ")}`,
    cure: "use 90",
    breaks: (good) => ({ ...good, logRetentionDays: 10 }),
  },
  {
    id: "secrets-key",
    of: ({ secretsKeyArn }) => ({ "secretsEncryption.keyArn": secretsKeyArn }),
    accepts: (arn: string) => /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[0-9a-f-]+$/.test(arn),
    must: "must be the ARN of a key of KMS",
    cure: "write it as in arn:aws:kms:eu-west-1:123456789012:key/…, or leave it out for a new key",
    breaks: (good) => ({ ...good, secretsKeyArn: "alias/eks" }),
  },
  {
    id: "ready-timeout",
    of: ({ readyTimeoutSeconds }) => ({ readyTimeoutSeconds }),
    accepts: (seconds: number) => Number.isInteger(seconds) && seconds >= 60 && seconds <= 780,
    must: "must be 60 to 780 seconds: the token that asks lives for 15 minutes",
    cure: "use 600",
    breaks: (good) => ({ ...good, readyTimeoutSeconds: 3600 }),
  },
  {
    id: "fargate-profiles",
    of: ({ fargateProfiles }) =>
      Object.fromEntries(
        Object.entries(fargateProfiles).map(([name, selectors]) => [
          `fargateProfiles.${name}`,
          selectors.map(({ namespace }) => namespace),
        ]),
      ),
    accepts: (namespaces: readonly string[]) =>
      namespaces.length >= 1 && namespaces.length <= 5 && namespaces.every((name) => /^[a-z0-9*?-]{1,63}$/.test(name)),
    must: "must have one to five selectors, each with a namespace",
    cure: "write them as in [{ namespace: 'default' }]",
    breaks: (good) => ({ ...good, fargateProfiles: { apps: [] } }),
  },
  {
    id: "fargate-way-out",
    of: ({ fargateProfiles, nat, existingNetwork }) => ({
      nat: existingNetwork === undefined && Object.keys(fargateProfiles).length > 0 ? nat : undefined,
    }),
    accepts: (nat: string) => nat !== "none",
    must: "must not be none with Fargate, whose pods are in private subnets and fetch their images",
    cure: "use single",
    breaks: (good) => ({ ...good, nat: "none", fargateProfiles: { apps: [{ namespace: "default" }] } }),
  },
  {
    id: "fargate-dns",
    of: ({ groups, fargateProfiles }) => ({
      fargateProfiles:
        Object.keys(groups).length > 0 || Object.keys(fargateProfiles).length === 0
          ? undefined
          : Object.values(fargateProfiles).flatMap((selectors) => selectors.map(({ namespace }) => namespace)),
    }),
    accepts: (namespaces: readonly string[]) => namespaces.some((name) => name === "kube-system" || name === "*"),
    must: "must have the namespace kube-system where there are no nodes, or cluster DNS would run nowhere",
    cure: "add a selector for kube-system, or nodes",
    breaks: (good) => ({ ...good, groups: {}, fargateProfiles: { apps: [{ namespace: "default" }] } }),
  },
  {
    id: "fargate-profile-name",
    of: ({ fargateProfiles }) => ({ fargateProfiles: Object.keys(fargateProfiles) }),
    accepts: (names: readonly string[]) => names.every((name) => /^(?!eks-)[a-z][a-z0-9-]{0,30}$/.test(name)),
    must: "must have names of 1 to 31 lower-case letters, digits and hyphens that begin with a letter and not with eks-, which EKS keeps for itself",
    cure: "use a name such as apps",
    breaks: (good) => ({ ...good, fargateProfiles: { "eks-apps": [{ namespace: "default" }] } }),
  },
  {
    id: "ssh-key",
    of: ({ sshPublicKey }) => ({ "ssh.publicKey": sshPublicKey }),
    accepts: (key: string) => /^(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/]+=*( .*)?$/.test(key),
    must: "must be a public key of SSH, RSA or ED25519, which EC2 takes",
    cure: "write what is in ~/.ssh/id_ed25519.pub",
    breaks: (good) => ({ ...good, sshPublicKey: "id_rsa", sshCidrs: ["198.51.100.0/24"] }),
  },
  {
    id: "ssh-cidrs",
    of: ({ sshPublicKey, sshCidrs }) => ({ "ssh.cidrs": sshPublicKey === undefined ? undefined : sshCidrs }),
    accepts: (cidrs: readonly string[]) =>
      cidrs.length > 0 && cidrs.every((cidr) => isCidr(cidr) && !cidr.endsWith("/0")),
    must: "must name the IPv4 CIDRs, without host bits, from which people reach SSH, and not the whole internet",
    cure: "write your office's or VPN's block, or your own address with /32",
    breaks: (good) => ({ ...good, sshPublicKey: "ssh-ed25519 AAAA", sshCidrs: ["0.0.0.0/0"] }),
  },
];
