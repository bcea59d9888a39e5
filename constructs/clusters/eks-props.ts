import { DEFAULT_EKS_VERSION } from "../facts/eks-versions";
import type { Architecture } from "../facts/release-files";
import type { AccessEntry } from "../eks/access-entries";
import type { Addon } from "../eks/addons";
import type { RoleMapping, UserMapping } from "../eks/aws-auth";
import type { AuthenticationMode, ControlPlaneLog } from "../eks/control-plane";
import type { Nat } from "../network/nat-gateways";
import type { EksSettings, NodeGroupSettings } from "../rules/eks-settings";
import type { Taint } from "../rules/hard-way-settings";

/** Like nodes. Labels, taints and sizes mean the same in every kind of group. */
export interface NodeGroup {
  /** @default 2 */
  readonly min?: number;
  /** @default 2 */
  readonly max?: number;
  /** @default - `min` */
  readonly desired?: number;
  /** Where its nodes are, and whether they have public addresses. @default 'public', as eksctl */
  readonly subnets?: "public" | "private";
  /** @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** What keeps pods away from its nodes. @default - none */
  readonly taints?: readonly Taint[];
  /** Size of the encrypted root volume in GiB. @default 80 */
  readonly rootVolumeGiB?: number;
  /** Whether pods reach the metadata service and with it the nodes' role: pods in the host's network always do. @default false */
  readonly podsReachMetadata?: boolean;
}

/** Nodes of a launch template and an Auto Scaling group, which join by themselves. */
export interface SelfManagedGroup extends NodeGroup {
  /** @default 'm5.large' */
  readonly instanceType?: string;
  /** @default - the newest that EKS publishes for the Kubernetes version */
  readonly imageId?: string;
  /** @default 'amd64' */
  readonly architecture?: Architecture;
}

/** Nodes that EKS starts, lets in, updates and drains. */
export interface ManagedGroup extends NodeGroup {
  /** @default ['m5.large'] */
  readonly instanceTypes?: readonly string[];
  /** @default 'ON_DEMAND' */
  readonly capacityType?: "ON_DEMAND" | "SPOT";
  /** @default 'AL2023_x86_64_STANDARD' */
  readonly amiType?: string;
  /** Most nodes that an update takes away at a time, in percent. @default 33 */
  readonly maxUnavailablePercentage?: number;
}

/** Who may come in, beside whoever makes the cluster. */
export interface EksAccess {
  /** By the ConfigMap aws-auth. @default - none but nodes */
  readonly roles?: readonly RoleMapping[];
  readonly users?: readonly UserMapping[];
  /** Accounts all of whose users are known in the cluster by their ARNs. */
  readonly accounts?: readonly string[];
  /** By EKS's own list, under names of yours. @default - none */
  readonly entries?: Readonly<Record<string, AccessEntry>>;
}

export interface EksClusterProps {
  /** Names everything in AWS: 1 to 28 lower-case letters, digits and hyphens. */
  readonly clusterName: string;
  /** Minor version, one of EKS_VERSIONS. May be a Terraform variable. @default - the newest */
  readonly kubernetesVersion?: string;
  /** Block of the VPC. @default '192.168.0.0/16' */
  readonly networkCidr?: string;
  /** Zones with a public and a private subnet each; or how many: then the first that EKS and the instance types have. @default 3 */
  readonly availabilityZones?: readonly string[] | number;
  /** How private nodes get out. @default 'single' */
  readonly nat?: Nat;
  /** Block of services: the tenth address is DNS's. @default '10.100.0.0/16' */
  readonly serviceCidr?: string;
  /** Blocks from which the API is reached over the internet. May be a Terraform variable. @default - none */
  readonly publicCidrs?: readonly string[];
  /** Whether the API is reached inside the network. @default true */
  readonly privateEndpoint?: boolean;
  /** Logs of the control plane that go to CloudWatch. @default - none */
  readonly logs?: readonly ControlPlaneLog[];
  /** @default 90 */
  readonly logRetentionDays?: number;
  /** It can be changed towards API, and never back. @default 'API_AND_CONFIG_MAP' */
  readonly authenticationMode?: AuthenticationMode;
  /** Secrets are encrypted with a key of KMS: one of yours, or one made for it. It cannot be taken back. @default - a key of AWS's own */
  readonly secretsEncryption?: { readonly keyArn?: string };
  /** By names of yours. @default - one, 'workers', where there are no nodes of another kind */
  readonly selfManagedGroups?: Readonly<Record<string, SelfManagedGroup>>;
  /** By names of yours. @default - none */
  readonly managedGroups?: Readonly<Record<string, ManagedGroup>>;
  readonly access?: EksAccess;
  /** By name; vpc-cni, kube-proxy and coredns are there unless they are false. */
  readonly addons?: Readonly<Record<string, Addon | false>>;
  /** How long to wait until the nodes are Ready; a token lives for 15 minutes. @default 600 */
  readonly readyTimeoutSeconds?: number;
}

/** The groups that keep themselves, with the one that is there by default. */
export function selfManagedOf(props: EksClusterProps): Readonly<Record<string, SelfManagedGroup>> {
  return props.selfManagedGroups ?? (props.managedGroups === undefined ? { workers: {} } : {});
}

/** The add-ons, with those that a node cannot do without. */
export function addonsOf({ addons = {} }: EksClusterProps): Readonly<Record<string, Addon>> {
  const all = Object.entries({ "vpc-cni": {}, "kube-proxy": {}, coredns: {}, ...addons });
  return Object.fromEntries(all.flatMap(([name, addon]) => (addon === false ? [] : [[name, addon]])));
}

/** The props with every default filled in, as plain values. */
export function eksSettings(props: EksClusterProps): EksSettings {
  const group = (given: NodeGroup, instanceTypes: readonly string[]): NodeGroupSettings => {
    const { min = 2, max = Math.max(2, min), subnets = "public", labels = {}, taints = [], rootVolumeGiB = 80 } = given;
    return { instanceTypes, min, max, desired: given.desired ?? min, subnets, labels, taints, rootVolumeGiB };
  };
  const mapped = <Given extends NodeGroup>(
    groups: Readonly<Record<string, Given>>,
    types: (given: Given) => readonly string[],
  ) => Object.fromEntries(Object.entries(groups).map(([name, given]) => [name, group(given, types(given))]));
  return {
    clusterName: props.clusterName,
    kubernetesVersion: props.kubernetesVersion ?? DEFAULT_EKS_VERSION,
    networkCidr: props.networkCidr ?? "192.168.0.0/16",
    availabilityZones: props.availabilityZones ?? 3,
    nat: props.nat ?? "single",
    serviceCidr: props.serviceCidr ?? "10.100.0.0/16",
    privateEndpoint: props.privateEndpoint ?? true,
    publicCidrs: props.publicCidrs ?? [],
    authenticationMode: props.authenticationMode ?? "API_AND_CONFIG_MAP",
    logs: props.logs ?? [],
    logRetentionDays: props.logRetentionDays ?? 90,
    readyTimeoutSeconds: props.readyTimeoutSeconds ?? 600,
    selfManagedGroups: mapped(selfManagedOf(props), ({ instanceType = "m5.large" }) => [instanceType]),
    managedGroups: mapped(props.managedGroups ?? {}, ({ instanceTypes = ["m5.large"] }) => instanceTypes),
  };
}
