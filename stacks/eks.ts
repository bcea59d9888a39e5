import type { App } from "cdktf";
import { DEFAULT_EKS_VERSION, EKS_RULES, EksCluster } from "../constructs";
import { ClusterStack, type Form } from "./cluster-stack";
import type { EksShape } from "./configuration";
import { privateDnsOutputs } from "./private-dns-outputs";

const SHAPE: EksShape = { selfManagedGroups: { workers: { min: 2, max: 2, instanceTypes: ["m5.large"] } } };

/** Kubernetes on EKS. What is one cluster's is written here; what a pipeline varies is a Terraform variable. */
export function eks(app: App, form: Form = "root", shape: EksShape = SHAPE): void {
  const stack = new ClusterStack(app, "eks", EKS_RULES, form);
  const version = stack.variable(
    "kubernetes_version",
    "string",
    {
      meaning: "minor version of Kubernetes",
      changing:
        "upgrades the control plane in place, one minor version at a time, and gives new nodes an image of the new version",
    },
    DEFAULT_EKS_VERSION,
  );
  const adminCidrs = stack.variable(
    "admin_cidrs",
    "list(string)",
    {
      meaning: "blocks from which people reach the API over the internet; none: it is reached inside the network alone",
      changing: "changes the endpoint, in place",
    },
    [],
  );

  const cluster = new EksCluster(stack, "cluster", {
    clusterName: stack.clusterName,
    kubernetesVersion: version.stringValue,
    publicCidrs: adminCidrs.listValue,
    ...shape,
  });

  stack.output("endpoint", cluster.endpoint);
  stack.output("cluster_name", cluster.clusterName);
  stack.output("kubeconfig", cluster.kubeconfig);
  stack.output("update_kubeconfig", cluster.updateKubeconfig);
  if (cluster.nodeRoleArn !== undefined) stack.output("node_role_arn", cluster.nodeRoleArn);
  privateDnsOutputs(stack, cluster.privateDns);
}
