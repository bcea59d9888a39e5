import type { Construct } from "constructs";
import { ServiceRole } from "../eks/service-role";
import { EXTERNAL_DNS } from "../facts/external-dns";
import type { PodIdentity } from "./eks-props";
import type { ZoneOfCluster } from "./private-network";

/** The role of ExternalDNS's pods, where there is one: theirs alone. */
export function externalDnsRole(
  scope: Construct,
  clusterName: string,
  { externalDns }: ZoneOfCluster,
): Readonly<Record<string, PodIdentity>> {
  if (externalDns === undefined) return {};
  const role = new ServiceRole(scope, "external-dns-role", {
    namePrefix: `${clusterName}-dns-`,
    service: "pods.eks.amazonaws.com",
    actions: ["sts:AssumeRole", "sts:TagSession"],
    sessionTags: {
      "eks-cluster-name": clusterName,
      "kubernetes-namespace": EXTERNAL_DNS,
      "kubernetes-service-account": EXTERNAL_DNS,
    },
    managedPolicies: [],
    inlinePolicies: { [EXTERNAL_DNS]: externalDns.policy },
  });
  return { [EXTERNAL_DNS]: { namespace: EXTERNAL_DNS, serviceAccount: EXTERNAL_DNS, roleArn: role.arn } };
}
