import { DEFAULT_EKS_VERSION } from "../facts/eks-versions";
import type { NodeSystem } from "../facts/node-systems";
import type { Architecture } from "../facts/release-files";
import type { AccessEntry } from "../eks/access-entries";
import type { Addon } from "../eks/addons";
import type { RoleMapping, UserMapping } from "../eks/aws-auth";
import type { AuthenticationMode, ControlPlaneLog } from "../eks/control-plane";
import type { ExistingNetworkSettings } from "../network/existing-network";
import type { Nat } from "../network/nat-gateways";
import type { Proxy } from "../network/proxy";
import { formOf } from "../rules/form";
import type { EksSettings, MappingSettings, NodeGroupSettings, SpotSettings } from "../rules/eks-settings";
import type { Taint } from "../rules/hard-way-settings";
import { privateNetworkSettings, type PrivateNetworkProps } from "./private-network-props";

/** Like nodes. What is said of them means the same in every kind of group. */
export interface NodeGroup {
  /** More than one: any of them, as EC2 has them. @default ['m5.large'] */
  readonly instanceTypes?: readonly string[];
  /** @default 'amd64' */
  readonly architecture?: Architecture;
  /** @default 2 */
  readonly min?: number;
  /** @default - 2, or `min` where that is more */
  readonly max?: number;
  /** @default - `min` */
  readonly desired?: number;
  /** Where its nodes are, and whether they have public addresses. @default 'public', as eksctl, and 'private' in an existing network */
  readonly subnets?: "public" | "private";
  /** @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** What keeps pods away from its nodes. @default - none */
  readonly taints?: readonly Taint[];
  /** Size of the encrypted root volume in GiB. @default 80 */
  readonly rootVolumeGiB?: number;
  /** @default - as many as the smallest of the instance types has addresses for */
  readonly maxPods?: number;
  /** Fields of KubeletConfiguration: all for al2023 and al2, those that have a name there for bottlerocket and ubuntu. @default - those of the image */
  readonly kubelet?: Readonly<Record<string, unknown>>;
  /** Whether pods reach the metadata service and with it the nodes' role: pods in the host's network always do. @default false */
  readonly podsReachMetadata?: boolean;
  /** Leaves the desired number to an autoscaler: what Terraform says counts when the group is made. @default false */
  readonly ignoreDesired?: boolean;
  /** Makes Terraform refuse a plan that would destroy the group. @default false */
  readonly preventDestroy?: boolean;
}

/** Nodes of a launch template and an Auto Scaling group, which join by themselves. */
export interface SelfManagedGroup extends NodeGroup {
  /** `al2` is the user data of eksctl 0.12, for Kubernetes 1.32 and an image of yours. @default 'al2023' */
  readonly operatingSystem?: NodeSystem;
  /** @default - the newest that is published for the operating system and the Kubernetes version */
  readonly imageId?: string;
  /** Spot instances, all or some. @default - none */
  readonly spot?: SpotSettings;
}

/** Nodes that EKS starts, lets in, updates and drains. */
export interface ManagedGroup extends NodeGroup {
  /** @default 'al2023' */
  readonly operatingSystem?: "al2023" | "bottlerocket";
  /** Whether all are spot instances. @default false */
  readonly spot?: boolean;
  /** Most nodes that an update takes away at a time, in percent. @default 33 */
  readonly maxUnavailablePercentage?: number;
}

/** Pods that run without a node of yours: those of a namespace and with labels. */
export interface FargateSelector {
  readonly namespace: string;
  /** @default - any */
  readonly labels?: Readonly<Record<string, string>>;
}

/** How people log in to nodes. Each can be there beside the others. */
export interface NodeLogin {
  /** By SSH with this key, from these blocks. @default - not */
  readonly ssh?: { readonly publicKey: string; readonly cidrs: readonly string[] };
  /** By Session Manager. @default false */
  readonly ssm?: boolean;
  /** By an endpoint of EC2 Instance Connect, to private nodes as well. @default false */
  readonly instanceConnect?: boolean;
}

/** Which role of IAM the pods of a service account get. */
export interface PodIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** One that pods.eks.amazonaws.com may take. */
  readonly roleArn: string;
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

export interface EksClusterProps extends PrivateNetworkProps {
  /** Names everything in AWS: 1 to 28 lower-case letters, digits and hyphens. */
  readonly clusterName: string;
  /** Minor version, one of EKS_VERSIONS. May be a Terraform variable. @default - the newest */
  readonly kubernetesVersion?: string;
  /** A private network that is there: nothing of it is made, and nothing in it faces the internet. @default - a new one */
  readonly existingNetwork?: Omit<ExistingNetworkSettings, "routeTableIds">;
  /** The nodes' way out; without a user, since it stands in user data. @default - none */
  readonly proxy?: Pick<Proxy, "url" | "httpsUrl" | "exceptions" | "caBundle">;
  /** Block of the VPC. @default '192.168.0.0/16' */
  readonly networkCidr?: string;
  /** Zones with a public and a private subnet each; or how many: then the first that EKS and the instance types have. @default 3 */
  readonly availabilityZones?: readonly string[] | number;
  /** How private nodes get out. @default 'single', and 'none' in an existing network */
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
  /** Profiles by names of yours: their pods run in private subnets. @default - none */
  readonly fargateProfiles?: Readonly<Record<string, readonly FargateSelector[]>>;
  readonly access?: EksAccess;
  /** @default - nobody does */
  readonly login?: NodeLogin;
  /** Gives pods addresses by blocks of 16, so that small nodes have room for 110. @default false */
  readonly prefixDelegation?: boolean;
  /** Subnets of your own for pods, ids by zone, so that nodes' subnets serve nodes alone. @default - pods share those */
  readonly podSubnets?: Readonly<Record<string, string>>;
  /** By name; vpc-cni, kube-proxy and coredns are there unless they are false. */
  readonly addons?: Readonly<Record<string, Addon | false>>;
  /** Under names of yours; brings the add-on eks-pod-identity-agent. @default - none */
  readonly podIdentities?: Readonly<Record<string, PodIdentity>>;
  /** Makes IAM trust tokens of the cluster's service accounts. @default false */
  readonly oidcProvider?: boolean;
  /** Also what eksctl 0.12 gave the control plane's role: a policy that is needed no more, metrics and load balancers. @default false */
  readonly legacyPolicies?: boolean;
  /** Leaves every role what it needs and no more: the CNI has a role of its own, through Pod Identity. @default false */
  readonly leastPrivilege?: boolean;
  /** How long to wait until the nodes are Ready; a token lives for 15 minutes. @default 600 */
  readonly readyTimeoutSeconds?: number;
}

/** The groups that keep themselves, with the one that is there by default. */
export function selfManagedOf(props: EksClusterProps): Readonly<Record<string, SelfManagedGroup>> {
  const others = props.managedGroups ?? props.fargateProfiles;
  return props.selfManagedGroups ?? (others === undefined ? { workers: {} } : {});
}

const groupSettings = (
  given: NodeGroup & Pick<SelfManagedGroup, "operatingSystem" | "imageId">,
  subnets: "public" | "private",
) => {
  const { min = 2, max = Math.max(2, min) } = given;
  return {
    instanceTypes: given.instanceTypes ?? ["m5.large"],
    architecture: given.architecture ?? "amd64",
    operatingSystem: given.operatingSystem ?? "al2023",
    imageId: given.imageId,
    ...{ min, max, desired: given.desired ?? min },
    subnets: given.subnets ?? subnets,
    labels: given.labels ?? {},
    taints: given.taints ?? [],
    rootVolumeGiB: given.rootVolumeGiB ?? 80,
    maxPods: given.maxPods,
    kubelet: given.kubelet ?? {},
  } as const;
};

/** Every group, by the path of its prop. */
function groupsOf(props: EksClusterProps): Record<string, NodeGroupSettings> {
  const subnets = props.existingNetwork === undefined ? "public" : "private";
  const own = Object.entries(selfManagedOf(props)).map(([name, given]) => [
    `selfManagedGroups.${name}`,
    { ...groupSettings(given, subnets), managed: false, spot: given.spot, maxUnavailablePercentage: 100 },
  ]);
  const managed = Object.entries(props.managedGroups ?? {}).map(([name, given]) => [
    `managedGroups.${name}`,
    {
      ...groupSettings(given, subnets),
      managed: true,
      spot: given.spot === true ? {} : undefined,
      maxUnavailablePercentage: given.maxUnavailablePercentage ?? 33,
    },
  ]);
  return Object.fromEntries([...own, ...managed]) as Record<string, NodeGroupSettings>;
}

/** The props with every default filled in, as plain values. */
export function eksSettings(given: EksClusterProps): EksSettings {
  const { form, props } = formOf("EksClusterProps", given);
  const { roles = [], users = [], accounts = [], entries = {} } = props.access ?? {};
  const { existingNetwork, proxy } = props;
  const zones = existingNetwork?.subnets.map(({ availabilityZone }) => availabilityZone);
  const mapped = (arn: string, { username, groups }: Omit<MappingSettings, "arn">) => ({ arn, username, groups });
  return {
    form,
    clusterName: props.clusterName,
    kubernetesVersion: props.kubernetesVersion ?? DEFAULT_EKS_VERSION,
    ...{ existingNetwork, proxy },
    networkCidr: props.networkCidr ?? existingNetwork?.cidr ?? "192.168.0.0/16",
    availabilityZones: props.availabilityZones ?? (zones === undefined ? 3 : [...new Set(zones)]),
    nat: props.nat ?? (existingNetwork === undefined ? "single" : "none"),
    serviceCidr: props.serviceCidr ?? "10.100.0.0/16",
    privateEndpoint: props.privateEndpoint ?? true,
    publicCidrs: props.publicCidrs ?? [],
    authenticationMode: props.authenticationMode ?? "API_AND_CONFIG_MAP",
    logs: props.logs ?? [],
    logRetentionDays: props.logRetentionDays ?? 90,
    secretsKeyArn: props.secretsEncryption?.keyArn,
    prefixDelegation: props.prefixDelegation ?? false,
    customNetworking: props.podSubnets !== undefined,
    readyTimeoutSeconds: props.readyTimeoutSeconds ?? 600,
    groups: groupsOf(props),
    fargateProfiles: props.fargateProfiles ?? {},
    addons: Object.fromEntries(
      Object.entries(props.addons ?? {}).flatMap(([name, addon]) => (addon === false ? [] : [[name, addon]])),
    ),
    podIdentities: props.podIdentities ?? {},
    mappedRoles: roles.map((role) => mapped(role.rolearn, role)),
    mappedUsers: users.map((user) => mapped(user.userarn, user)),
    accounts,
    accessEntries: Object.fromEntries(Object.entries(entries).map(([name, { principalArn }]) => [name, principalArn])),
    accessRights: Object.fromEntries(
      Object.entries(entries).map(([name, { groups = [], policies = [] }]) => [name, { groups, policies }]),
    ),
    sshPublicKey: props.login?.ssh?.publicKey,
    sshCidrs: props.login?.ssh?.cidrs ?? [],
    ...privateNetworkSettings(props),
  };
}
