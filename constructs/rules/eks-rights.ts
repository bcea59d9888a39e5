import { EXTERNAL_DNS } from "../facts/external-dns";
import type { EksSettings } from "./eks-settings";
import type { Rule } from "./rule";

const ROLE = /^arn:aws[a-z-]*:iam::[0-9]{12}:role\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const isNamespace = (text: string): boolean => text.length <= 63 && LABEL.test(text);
const isServiceAccount = (text: string): boolean =>
  text.length <= 253 && text.split(".").every((part) => LABEL.test(part));

const rights = <Value>(
  { accessRights }: EksSettings,
  field: string,
  value: (rights: EksSettings["accessRights"][string]) => Value,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(accessRights).map(([name, given]) => [`access.entries.${name}.${field}`, value(given)]),
  );
const identities = <Value>(
  { podIdentities }: EksSettings,
  value: (identity: EksSettings["podIdentities"][string]) => Value,
): [name: string, value: Value][] => Object.entries(podIdentities).map(([name, identity]) => [name, value(identity)]);
const S3 = { namespace: "jobs", serviceAccount: "s3", roleArn: "arn:aws:iam::123456789012:role/s3" };

/** What those may do who are let in, and the pods. */
export const EKS_RIGHTS_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "access-entry-groups",
    of: (settings) => rights(settings, "groups", ({ groups }) => groups),
    accepts: (groups: readonly string[]) => groups.every((name) => name !== "" && !name.startsWith("system:")),
    must: "must not begin with system:, which EKS takes in aws-auth alone",
    cure: "bind a group of your own by RBAC, or give policies: [{ name: 'AmazonEKSClusterAdminPolicy' }]",
    breaks: (good) => ({ ...good, accessRights: { ann: { groups: ["system:masters"], policies: [] } } }),
  },
  {
    id: "access-policies",
    of: (settings) => rights(settings, "policies", ({ policies }) => policies),
    accepts: (policies: EksSettings["accessRights"][string]["policies"]) =>
      new Set(policies.map(({ name }) => name)).size === policies.length &&
      policies.every(
        ({ name, namespaces }) =>
          // Not all begin alike: there is AmazonARCRegionSwitchScalingPolicy too.
          /^[A-Za-z0-9]+$/.test(name) &&
          (namespaces === undefined || (namespaces.length > 0 && namespaces.every((one) => /^[a-z0-9*-]+$/.test(one)))),
      ),
    must: "must be policies of EKS for access, by name and each once, for the whole cluster or for at least one namespace",
    cure: "write them as in { name: 'AmazonEKSAdminPolicy', namespaces: ['default'] }",
    breaks: (good) => ({
      ...good,
      accessRights: { ann: { groups: [], policies: [{ name: "AmazonEKSAdminPolicy", namespaces: [] }] } },
    }),
  },
  {
    id: "pod-identities",
    of: (settings) =>
      Object.fromEntries(
        identities(settings, ({ namespace, serviceAccount }) => [namespace, serviceAccount]).map(([name, value]) => [
          `podIdentities.${name}`,
          value,
        ]),
      ),
    accepts: ([namespace, account]: [string, string]) => isNamespace(namespace) && isServiceAccount(account),
    must: "must name a namespace and a service account as Kubernetes does",
    cure: "write them as in { namespace: 'jobs', serviceAccount: 's3', roleArn: … }",
    breaks: (good) => ({ ...good, podIdentities: { s3: { ...S3, serviceAccount: "" } } }),
  },
  {
    id: "pod-identities-apart",
    of: (settings) => ({
      podIdentities: [
        ...identities(settings, ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`).map(
          ([, account]) => account,
        ),
        ...(settings.privateDns?.externalDns === true ? [`${EXTERNAL_DNS}/${EXTERNAL_DNS}`] : []),
      ],
    }),
    accepts: (accounts: readonly string[]) => new Set(accounts).size === accounts.length,
    must: "must name each service account once, since it has one role, and external-dns not at all where privateDns makes that",
    cure: "give one role both rights",
    breaks: (good) => ({ ...good, podIdentities: { s3: S3, sqs: S3 } }),
  },
  {
    id: "pod-identity-role",
    of: (settings) =>
      Object.fromEntries(
        identities(settings, ({ roleArn }) => roleArn).map(([name, arn]) => [`podIdentities.${name}.roleArn`, arn]),
      ),
    accepts: (arn: string) => ROLE.test(arn),
    must: "must be the ARN of a role of IAM",
    cure: "write it as in arn:aws:iam::123456789012:role/name",
    breaks: (good) => ({ ...good, podIdentities: { s3: { ...S3, roleArn: "s3" } } }),
  },
  {
    id: "external-dns-identity",
    of: ({ podIdentities, privateDns }) => ({
      podIdentities: privateDns?.externalDns === true ? Object.keys(podIdentities) : undefined,
    }),
    accepts: (names: readonly string[]) => !names.includes(EXTERNAL_DNS),
    must: `must not have one named ${EXTERNAL_DNS} beside privateDns.externalDns, which makes that itself`,
    cure: "rename it, or leave one of them out",
    breaks: (good) => ({
      ...good,
      podIdentities: { [EXTERNAL_DNS]: S3 },
      privateDns: { zone: "prod.aws.corp.example", externalDns: true },
    }),
  },
];
