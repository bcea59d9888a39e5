import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { ServiceRole } from "../eks/service-role";
import { MachineRole } from "../machines/machine-role";
import type { EksSettings } from "../rules/eks-settings";
import type { EksClusterProps } from "./eks-props";

/** What nodes may do in AWS: speak to EKS, pull images, give pods addresses. */
const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"];

/** Who acts in AWS on behalf of a cluster. */
export interface EksRoles {
  readonly cluster: ServiceRole;
  /** Nodes that join by themselves; undefined: there are none, as below. */
  readonly nodes: MachineRole | undefined;
  /** Nodes that EKS keeps: a role of their own, since EKS admits it by itself. */
  readonly managed: ServiceRole | undefined;
  /** What starts pods on Fargate. */
  readonly podExecution: ServiceRole | undefined;
}

export function eksRoles(
  scope: Construct,
  { clusterName, groups, fargateProfiles }: EksSettings,
  { login = {}, legacyPolicies = false }: EksClusterProps,
  after: readonly TerraformResource[],
): EksRoles {
  const kinds = new Set(Object.values(groups).map(({ managed }) => managed));
  const managedPolicies = [...NODE_POLICIES, ...(login.ssm === true ? ["AmazonSSMManagedInstanceCore"] : [])];
  return {
    cluster: new ServiceRole(scope, "cluster-role", {
      namePrefix: `${clusterName}-cluster-`,
      service: "eks.amazonaws.com",
      actions: ["sts:AssumeRole", "sts:TagSession"],
      managedPolicies: [
        "AmazonEKSClusterPolicy",
        "AmazonEKSVPCResourceController",
        ...(legacyPolicies ? ["AmazonEKSServicePolicy"] : []),
      ],
      after,
    }),
    nodes: kinds.has(false)
      ? new MachineRole(scope, "node-role", { namePrefix: `${clusterName}-node-`, managedPolicies, after })
      : undefined,
    managed: kinds.has(true)
      ? new ServiceRole(scope, "managed-role", {
          namePrefix: `${clusterName}-managed-`,
          service: "ec2",
          managedPolicies,
          after,
        })
      : undefined,
    podExecution:
      Object.keys(fargateProfiles).length === 0
        ? undefined
        : new ServiceRole(scope, "pod-execution-role", {
            namePrefix: `${clusterName}-fargate-`,
            service: "eks-fargate-pods.amazonaws.com",
            // No other account's cluster gets at the role through the service.
            sourceOf: `fargateprofile/${clusterName}/*`,
            managedPolicies: ["AmazonEKSFargatePodExecutionRolePolicy"],
            after,
          }),
  };
}
