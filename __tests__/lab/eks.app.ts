import { App } from "cdktf";
import { EKS_RULES, EksCluster } from "../../constructs";
import { ClusterStack } from "../../stacks/cluster-stack";

// The other choice wherever the stack of main.ts takes the default: aws-auth alone, nodes of both kinds, no private ones.
const app = new App();
const stack = new ClusterStack(app, "config-map", EKS_RULES);
const adminCidrs = stack.variable("admin_cidrs", "list(string)", {
  meaning: "who reaches the API",
  changing: "changes the endpoint, in place",
});
const cluster = new EksCluster(stack, "cluster", {
  clusterName: "config-map",
  publicCidrs: adminCidrs.listValue,
  networkCidr: "10.99.0.0/16",
  serviceCidr: "172.20.0.0/16",
  availabilityZones: ["us-east-1a", "us-east-1b"],
  nat: "none",
  authenticationMode: "CONFIG_MAP",
  selfManagedGroups: { own: { min: 1, max: 2, labels: { kept: "by-us" } } },
  managedGroups: { theirs: { min: 1, max: 2, taints: [{ key: "kept", value: "by-eks", effect: "NoSchedule" }] } },
});
stack.output("kubeconfig", cluster.kubeconfig);
stack.output("node_role_arn", cluster.nodeRoleArn);
app.synth();
