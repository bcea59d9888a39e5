import type { App } from "cdktf";
import { DEFAULT_EKS_VERSION, EKS_RULES, EksCluster } from "../constructs";
import { ClusterStack, type Form } from "./cluster-stack";

/** Kubernetes on EKS. What is one cluster's is written here; what a pipeline varies is a Terraform variable. */
export function eks(app: App, form: Form = "root"): void {
  const stack = new ClusterStack(app, "eks", EKS_RULES, form);
  const version = stack.variable("kubernetes_version", "string", "minor version of Kubernetes", DEFAULT_EKS_VERSION);
  const adminCidrs = stack.variable(
    "admin_cidrs",
    "list(string)",
    "blocks from which people reach the API over the internet; none: it is reached inside the network alone",
    [],
  );

  const cluster = new EksCluster(stack, "cluster", {
    clusterName: stack.clusterName,
    kubernetesVersion: version.stringValue,
    publicCidrs: adminCidrs.listValue,
    selfManagedGroups: { workers: { min: 2, max: 2, instanceTypes: ["m5.large"] } },
  });

  stack.output("endpoint", cluster.endpoint);
  stack.output("cluster_name", cluster.clusterName);
  stack.output("kubeconfig", cluster.kubeconfig);
  stack.output("update_kubeconfig", cluster.updateKubeconfig);
  stack.output("node_role_arn", cluster.nodeRoleArn);
}
