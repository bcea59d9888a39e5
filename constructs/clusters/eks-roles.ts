import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { NodePolicy } from "../eks/node-policy";
import { ServiceRole } from "../eks/service-role";
import { MachineRole } from "../machines/machine-role";
import type { EksSettings } from "../rules/eks-settings";
import type { EksClusterProps } from "./eks-props";

/** What pods need that give others addresses. */
const CNI_POLICY = "AmazonEKS_CNI_Policy";
/** What nodes may do in AWS: speak to EKS, pull images, give pods addresses. */
const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", CNI_POLICY];

/** Who acts in AWS on behalf of a cluster. */
export interface EksRoles {
  readonly cluster: ServiceRole;
  /** Nodes that join by themselves; undefined: there are none, as below. */
  readonly nodes: MachineRole | undefined;
  /** Nodes that EKS keeps: a role of their own, since EKS admits it by itself. */
  readonly managed: ServiceRole | undefined;
  /** What starts pods on Fargate. */
  readonly podExecution: ServiceRole | undefined;
  /** The CNI's pods, where nodes do not have what these need. */
  readonly cni: ServiceRole | undefined;
}

export function eksRoles(
  scope: Construct,
  { clusterName, groups, fargateProfiles }: EksSettings,
  { login = {}, legacyPolicies = false, leastPrivilege = false, addons = {} }: EksClusterProps,
  after: readonly TerraformResource[],
): EksRoles {
  const kinds = new Set(Object.values(groups).map(({ managed }) => managed));
  const ssm = login.ssm === true;
  const nodePolicies = leastPrivilege
    ? {
        managedPolicies: ["AmazonEC2ContainerRegistryPullOnly"],
        policyArns:
          kinds.size === 0 ? {} : { node: new NodePolicy(scope, "node-policy", { clusterName, ssm, after }).arn },
      }
    : { managedPolicies: [...NODE_POLICIES, ...(ssm ? ["AmazonSSMManagedInstanceCore"] : [])] };
  const cni = addons["vpc-cni"] ?? {};
  return {
    cluster: new ServiceRole(scope, "cluster-role", {
      namePrefix: `${clusterName}-cluster-`,
      service: "eks.amazonaws.com",
      actions: ["sts:AssumeRole", "sts:TagSession"],
      managedPolicies: [
        "AmazonEKSClusterPolicy",
        // For security groups of pods and for Windows alone.
        ...(leastPrivilege ? [] : ["AmazonEKSVPCResourceController"]),
        ...(legacyPolicies ? ["AmazonEKSServicePolicy"] : []),
      ],
      after,
    }),
    nodes: kinds.has(false)
      ? new MachineRole(scope, "node-role", { namePrefix: `${clusterName}-node-`, ...nodePolicies, after })
      : undefined,
    managed: kinds.has(true)
      ? new ServiceRole(scope, "managed-role", {
          namePrefix: `${clusterName}-managed-`,
          service: "ec2",
          ...nodePolicies,
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
    cni:
      leastPrivilege && kinds.size > 0 && cni !== false && cni.podIdentities === undefined
        ? new ServiceRole(scope, "cni-role", {
            namePrefix: `${clusterName}-cni-`,
            service: "pods.eks.amazonaws.com",
            actions: ["sts:AssumeRole", "sts:TagSession"],
            sessionTags: {
              "eks-cluster-name": clusterName,
              "kubernetes-namespace": "kube-system",
              "kubernetes-service-account": "aws-node",
            },
            managedPolicies: [CNI_POLICY],
            after,
          })
        : undefined,
  };
}
