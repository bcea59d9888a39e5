import { mayServe } from "../facts/version-skew";
import { RELEASES } from "../facts/versions";
import { ACCESS_RULES } from "./access";
import { ARGUMENT_RULES } from "./arguments";
import { BLOCK_RULES } from "./blocks";
import { CONTAINER_REGISTRY_RULES } from "./container-registry";
import { DROP_IN_RULES } from "./drop-ins";
import { EXISTING_NETWORK_RULES } from "./existing-network";
import { formRules } from "./form";
import { GATEWAY_ROUTE_RULES } from "./gateway-routes";
import type { HardWaySettings } from "./hard-way-settings";
import { kubeletRules } from "./kubelet";
import { LOGS_RULES } from "./logs";
import { MACHINE_RULES } from "./machines";
import { PEOPLE_RULES } from "./people";
import { POD_NETWORK_RULES } from "./pod-network";
import { ofPools, POOL_RULES } from "./pools";
import { privateNetworkRules, RESOLVER_SUBNETS_RULE } from "./private-network";
import { PROXY_RULES } from "./proxy";
import { regionRule } from "./place";
import type { Rule } from "./rule";
import { SOURCE_RULES } from "./sources";
import { SSH_BASTION_RULES } from "./ssh-bastion";
import { TOPOLOGY_RULES } from "./topology";
import { ZONE_RULES } from "./zones";

const isKnownRelease = (version: string): boolean => RELEASES.some((release) => release.kubernetes === version);

const versionsOfPools = (settings: HardWaySettings) =>
  ofPools(settings, "kubernetesVersion", ({ kubernetesVersion }) => kubernetesVersion);

const CLUSTER_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "cluster-name",
    of: ({ clusterName }) => ({ clusterName }),
    accepts: (name: string) => /^(?!(internal|sg)(-|$))[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name),
    must: "must be 1 to 20 lower-case letters, digits and hyphens, begin with a letter and not with internal- or sg-: AWS ends a load balancer's name at 32 and keeps those for itself",
    cure: "use a shorter name such as prod-eu",
    breaks: (good) => ({ ...good, clusterName: "a-name-of-more-than-twenty" }),
    variables: {
      cluster_name: {
        condition:
          'can(regex("^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", var.cluster_name)) && !can(regex("^(internal|sg)(-|$)", var.cluster_name))',
        breaks: "a-name-of-more-than-twenty",
      },
    },
  },
  {
    id: "kubernetes-version",
    also: ["node"],
    of: (settings) => ({ kubernetesVersion: settings.kubernetesVersion, ...versionsOfPools(settings) }),
    accepts: isKnownRelease,
    must: `must be one of ${RELEASES.map((release) => release.kubernetes).join(", ")}, the versions whose files and sums are known`,
    cure: "leave it out for the newest",
    breaks: (good) => ({ ...good, kubernetesVersion: "1.21.0" }),
  },
  {
    id: "version-skew",
    of: versionsOfPools,
    accepts: (workers: string, { kubernetesVersion }) =>
      ![kubernetesVersion, workers].every(isKnownRelease) || mayServe(kubernetesVersion, workers),
    must: "must not be newer than kubernetesVersion nor more than three minor versions older, or kubelets ask what the API server does not know",
    cure: "upgrade the control plane first, then the workers",
    breaks: (good) => ({
      ...good,
      kubernetesVersion: "1.35.4",
      workers: { ...good.workers, kubernetesVersion: "1.36.3" },
    }),
  },
  regionRule(),
];

const CERTIFICATE_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "early-renewal",
    of: ({ earlyRenewalHours, validityHours }) => ({
      "certificates.earlyRenewalHours": [earlyRenewalHours, validityHours],
    }),
    accepts: ([early, validity]: [number, number]) => early >= 0 && early < validity,
    must: "must be below certificates.validityHours, or every apply would issue every certificate anew",
    cure: "use 720 of 8760",
    breaks: (good) => ({ ...good, earlyRenewalHours: 8760 }),
  },
];

/** For those who write no TypeScript, which refuses such a value by its type. */
const choice = (
  path: string,
  choices: readonly string[],
  of: (settings: HardWaySettings) => string,
  breaks: (good: HardWaySettings) => HardWaySettings,
): Rule<HardWaySettings> => ({
  id: path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(".", "-"),
  also: ["type"],
  of: (settings) => ({ [path]: of(settings) }),
  accepts: (value: string) => choices.includes(value),
  must: `must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`,
  cure: `use ${choices[0]}, or leave it out`,
  breaks,
});
const CHOICE_RULES: readonly Rule<HardWaySettings>[] = [
  choice(
    "healthCheck",
    ["https", "tcp", "nginx"],
    ({ healthCheck }) => healthCheck,
    (good) => ({ ...good, healthCheck: "http" }),
  ),
  choice(
    "kubeProxyMode",
    ["iptables", "nftables"],
    ({ kubeProxyMode }) => kubeProxyMode,
    (good) => ({ ...good, kubeProxyMode: "ipvs" }),
  ),
  choice(
    "certificates.algorithm",
    ["RSA", "ECDSA"],
    ({ certificateAlgorithm }) => certificateAlgorithm,
    (good) => ({ ...good, certificateAlgorithm: "ED25519" }),
  ),
];

/** Every rule of a hard-way cluster. Order is the order of the problems in an error. */
export const HARD_WAY_RULES: readonly Rule<HardWaySettings>[] = [
  ...formRules<HardWaySettings>(),
  ...CLUSTER_RULES,
  ...BLOCK_RULES,
  ...POD_NETWORK_RULES,
  ...ZONE_RULES,
  ...TOPOLOGY_RULES,
  ...EXISTING_NETWORK_RULES,
  ...GATEWAY_ROUTE_RULES,
  ...privateNetworkRules<HardWaySettings>(),
  RESOLVER_SUBNETS_RULE,
  ...MACHINE_RULES,
  ...POOL_RULES,
  ...ACCESS_RULES,
  ...SSH_BASTION_RULES,
  ...PEOPLE_RULES,
  ...CONTAINER_REGISTRY_RULES,
  ...LOGS_RULES,
  ...SOURCE_RULES,
  ...PROXY_RULES,
  ...CERTIFICATE_RULES,
  ...CHOICE_RULES,
  ...ARGUMENT_RULES,
  ...DROP_IN_RULES,
  ...kubeletRules<HardWaySettings>(
    ({ kubeletConfiguration }) => ({ kubeletConfiguration }),
    (good, kubeletConfiguration) => ({ ...good, kubeletConfiguration }),
  ),
];
