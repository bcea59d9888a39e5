import type { EksClusterProps, HardWayClusterProps } from "../../constructs";

// What TypeScript refuses by itself, an example for each rule that acts there; levels.test.ts holds them to the tables, and
// the compiler each line that follows a rule's id to be an error.
const hardWay: HardWayClusterProps = { clusterName: "blue", adminCidrs: ["198.51.100.0/24"] };
const eks: EksClusterProps = { clusterName: "blue" };

export const HARD_WAY: readonly HardWayClusterProps[] = [
  hardWay,
  // @ts-expect-error known-settings
  { ...hardWay, networkCdir: "10.240.0.0/24" },
  // @ts-expect-error needed-settings
  { adminCidrs: hardWay.adminCidrs },
  // @ts-expect-error types-of-settings
  { ...hardWay, availabilityZones: "eu-west-1a" },
  // @ts-expect-error pod-network
  { ...hardWay, podNetwork: "flannel" },
  // @ts-expect-error topology
  { ...hardWay, topology: "hybrid" },
  // @ts-expect-error nat
  { ...hardWay, nat: "double" },
  // @ts-expect-error api-exposure
  { ...hardWay, apiExposure: "public" },
  // @ts-expect-error vpc-endpoint-features
  { ...hardWay, vpcEndpoints: { features: ["ecr.api"] } },
  // @ts-expect-error vpc-endpoint-services
  { ...hardWay, vpcEndpoints: { features: ["ecr"], existing: ["ftp"] } },
  // @ts-expect-error taints
  { ...hardWay, workers: { taints: [{ key: "dedicated", effect: "NoRun" }] } },
  // @ts-expect-error access
  { ...hardWay, access: "telnet" },
  // @ts-expect-error health-check
  { ...hardWay, healthCheck: "http" },
  // @ts-expect-error kube-proxy-mode
  { ...hardWay, kubeProxyMode: "ipvs" },
  // @ts-expect-error certificates-algorithm
  { ...hardWay, certificates: { algorithm: "ED25519" } },
  // @ts-expect-error extra-arguments-component
  { ...hardWay, extraArguments: { apiserver: {} } },
];

export const EKS: readonly EksClusterProps[] = [
  eks,
  // @ts-expect-error known-settings
  { ...eks, networkCdir: "10.240.0.0/24" },
  // @ts-expect-error needed-settings
  { kubernetesVersion: "1.36" },
  // @ts-expect-error types-of-settings
  { ...eks, availabilityZones: "eu-west-1a" },
  // @ts-expect-error nat
  { ...eks, nat: "double" },
  // @ts-expect-error vpc-endpoint-features
  { ...eks, vpcEndpoints: { features: ["ecr.api"] } },
  // @ts-expect-error vpc-endpoint-services
  { ...eks, vpcEndpoints: { features: ["ecr"], existing: ["ftp"] } },
  // @ts-expect-error operating-system
  { ...eks, selfManagedGroups: { workers: { operatingSystem: "windows" } } },
  // @ts-expect-error taints
  { ...eks, selfManagedGroups: { workers: { taints: [{ key: "dedicated", effect: "NoRun" }] } } },
  // @ts-expect-error private-way-out
  { ...eks, selfManagedGroups: { workers: { subnets: "isolated" } } },
  // @ts-expect-error authentication-mode
  { ...eks, authenticationMode: "aws-auth" },
  // @ts-expect-error logs
  { ...eks, logs: ["kubelet"] },
];
