export { EksCluster } from "./clusters/eks-cluster";
export type {
  EksAccess,
  EksClusterProps,
  FargateSelector,
  ManagedGroup,
  NodeGroup,
  NodeLogin,
  PodIdentity,
  SelfManagedGroup,
} from "./clusters/eks-props";
export type { AccessEntry, AccessPolicy } from "./eks/access-entries";
export type { Addon } from "./eks/addons";
export type { RoleMapping, UserMapping } from "./eks/aws-auth";
export type { AuthenticationMode, ControlPlaneLog } from "./eks/control-plane";
export { DEFAULT_EKS_VERSION, EKS_VERSIONS } from "./facts/eks-versions";
export type { NodeSystem } from "./facts/node-systems";
export { EKS_RULES } from "./rules/eks-rules";
export type { EksSettings, MappingSettings, NodeGroupSettings, SpotSettings } from "./rules/eks-settings";
export { HardWayCluster } from "./clusters/hard-way-cluster";
export { hardWaySettings } from "./clusters/hard-way-defaults";
export type {
  Access,
  BastionMachine,
  ByRole,
  ExtraWorkerPool,
  HardWayClusterProps,
  Iam,
  MachineGroup,
  Mirrors,
  WorkerPool,
} from "./clusters/hard-way-props";
export type { PrivateDnsOutputs } from "./clusters/private-network";
export type { PrivateDns, PrivateNetworkProps } from "./clusters/private-network-props";
export type { ExistingBastion, Ssh } from "./clusters/ssh-props";
export { HybridCluster } from "./clusters/hybrid-cluster";
export type { HybridClusterProps } from "./clusters/hybrid-cluster";
export type { COMPONENTS, Component, ExtraArguments } from "./facts/component-flags";
export { nodePackages } from "./facts/node-packages";
export type { PackageChoices } from "./facts/node-packages";
export { ENDPOINT_FEATURES } from "./facts/vpc-endpoints";
export type { EndpointFeature, EndpointService } from "./facts/vpc-endpoints";
export { publishedChecksums } from "./facts/release-files";
export type { Architecture } from "./facts/release-files";
export { DEFAULT_KUBERNETES_VERSION, RELEASES, releaseOf } from "./facts/versions";
export type { Release } from "./facts/versions";
export { DEBIAN_12, UBUNTU_2404 } from "./machines/machine-image";
export type { ContainerRegistrySettings, PullThroughSettings, RepositorySettings } from "./machines/container-registry";
export type { NodeLogsSettings } from "./machines/node-logs";
export type { OperatingSystem } from "./machines/machine-image";
export type { Machine } from "./machines/machines";
export type { SshHostKey } from "./machines/ssh-host-key";
export {
  BASTION_RULES,
  FIREWALL_RULES,
  INSTANCE_CONNECT_RULES,
  INTERNAL_API_RULES,
  OPEN_FIREWALL_RULES,
  VXLAN_FIREWALL_RULES,
} from "./network/firewall-rules";
export type { FirewallRule, Peer, Role } from "./network/firewall-rules";
export type { PodNetwork } from "./network/pod-network";
export type { ApiExposure, HealthCheck } from "./network/api-load-balancer";
export type { ExistingNetworkSettings, ExistingSubnet } from "./network/existing-network";
export type { FlowLogsSettings } from "./network/flow-logs";
export type { Nat } from "./network/nat-gateways";
export type { Topology } from "./network/network";
export type { NameResolverSettings } from "./network/name-resolver";
export type { Proxy } from "./network/proxy";
export type { VpcEndpointsSettings } from "./network/vpc-endpoints";
export type { CertificateSettings } from "./pki/certificate-authority";
export { mirrorList } from "./bootstrap/mirror-list";
export type { MirrorFile, MirrorImage, MirrorList, MirrorListProps, StageRun } from "./bootstrap/mirror-list";
export { STAGES } from "./bootstrap/stages";
export type { NodeEnv } from "./bootstrap/node-env";
export type { Stage, StageName } from "./bootstrap/stages";
export { HARD_WAY_RULES } from "./rules/hard-way-rules";
export type { FormFindings } from "./rules/form";
export { problemsOf, refuse, validationOf } from "./rules/rule";
export type { Problem, Rule } from "./rules/rule";
export type { PrivateNetworkSettings } from "./rules/private-network-settings";
export type { HardWaySettings, MachineGroupSettings, Taint, WorkerPoolSettings } from "./rules/hard-way-settings";
