import { EKS_VERSIONS } from "../facts/eks-versions";
import type { EksSettings } from "./eks-settings";
import { EKS_ACCESS_RULES } from "./eks-access";
import { EKS_CAPACITY_RULES } from "./eks-capacity";
import { EKS_EXISTING_NETWORK_RULES } from "./eks-existing-network";
import { EKS_GROUP_RULES, ofGroups, withGroups } from "./eks-groups";
import { EKS_NETWORK_RULES } from "./eks-network";
import { EKS_RIGHTS_RULES } from "./eks-rights";
import { EKS_TEXT_RULES } from "./eks-texts";
import { formRules } from "./form";
import { kubeletRules } from "./kubelet";
import { regionRule } from "./place";
import { privateNetworkRules } from "./private-network";
import type { Rule } from "./rule";

const CLUSTER_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "cluster-name",
    of: ({ clusterName }) => ({ clusterName }),
    accepts: (name: string) => /^[a-z]([a-z0-9-]{0,26}[a-z0-9])?$/.test(name),
    must: "must be 1 to 28 lower-case letters, digits and hyphens, and begin with a letter: IAM ends what a role's name begins with at 38",
    cure: "use a shorter name such as prod-eu",
    breaks: (good) => ({ ...good, clusterName: "a-name-of-more-than-28-letters" }),
    variables: {
      cluster_name: {
        condition: 'can(regex("^[a-z]([a-z0-9-]{0,26}[a-z0-9])?$", var.cluster_name))',
        breaks: "a-name-of-more-than-28-letters",
      },
    },
  },
  {
    id: "kubernetes-version",
    of: ({ kubernetesVersion }) => ({ kubernetesVersion }),
    accepts: (version: string) => (EKS_VERSIONS as readonly string[]).includes(version),
    must: `must be one of ${EKS_VERSIONS.join(", ")}, the minor versions that EKS runs`,
    cure: "leave it out for the newest",
    breaks: (good) => ({ ...good, kubernetesVersion: "1.14" }),
    variables: {
      kubernetes_version: {
        condition: `contains(${JSON.stringify(EKS_VERSIONS)}, var.kubernetes_version)`,
        breaks: "1.14",
      },
    },
  },
  regionRule(),
];

/** Every rule of an EKS cluster. Order is the order of the problems in an error. */
export const EKS_RULES: readonly Rule<EksSettings>[] = [
  ...formRules<EksSettings>(),
  ...CLUSTER_RULES,
  ...EKS_NETWORK_RULES,
  ...EKS_EXISTING_NETWORK_RULES,
  ...privateNetworkRules<EksSettings>(),
  ...EKS_GROUP_RULES,
  ...kubeletRules<EksSettings>(
    (settings) => ofGroups(settings, "kubelet", ({ kubelet }) => kubelet),
    (good, kubelet) => withGroups(good, { kubelet }),
  ),
  ...EKS_CAPACITY_RULES,
  ...EKS_ACCESS_RULES,
  ...EKS_RIGHTS_RULES,
  ...EKS_TEXT_RULES,
];
