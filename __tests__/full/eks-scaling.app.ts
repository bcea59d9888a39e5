import { App } from "cdktf";
import { EKS_RULES, EksCluster } from "../../constructs";
import { ClusterStack } from "../../stacks/cluster-stack";

// Nodes that an autoscaler counts, with settings of their own, let in by an access entry alone.
const app = new App();
const stack = new ClusterStack(app, "scaling", EKS_RULES);
const adminCidrs = stack.variable("admin_cidrs", "list(string)", {
  meaning: "who reaches the API",
  changing: "changes the endpoint, in place",
});
const cluster = new EksCluster(stack, "cluster", {
  ...{ clusterName: "scaling", publicCidrs: adminCidrs.listValue, authenticationMode: "API", nat: "none" },
  availabilityZones: ["us-east-1a", "us-east-1b"],
  selfManagedGroups: {
    workers: { min: 1, max: 2, ignoreDesired: true, maxPods: 20, kubelet: { podPidsLimit: 1024 } },
  },
});
stack.output("kubeconfig", cluster.kubeconfig);
stack.output("node_role_arn", cluster.nodeRoleArn);
app.synth();
