import type { NodeSystem } from "../facts/node-systems";
import type { FormFindings } from "./form";
import type { Taint } from "./hard-way-settings";
import type { PrivateNetworkSettings } from "./private-network-settings";

/** How many nodes of a group are spot instances. */
export interface SpotSettings {
  /** Nodes that are not, before any other. @default 0 */
  readonly onDemandBase?: number;
  /** Of the others, how many are not, in percent. @default 0 */
  readonly onDemandPercentage?: number;
  /** Which of the instance types. @default 'price-capacity-optimized' */
  readonly allocation?: string;
}

/** Like nodes, whoever keeps them. */
export interface NodeGroupSettings {
  readonly managed: boolean;
  readonly instanceTypes: readonly string[];
  readonly architecture: "amd64" | "arm64";
  readonly operatingSystem: NodeSystem;
  readonly imageId: string | undefined;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Where its nodes are. */
  readonly subnets: "public" | "private";
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly rootVolumeGiB: number;
  readonly maxPods: number | undefined;
  /** Fields of KubeletConfiguration. */
  readonly kubelet: Readonly<Record<string, unknown>>;
  readonly spot: SpotSettings | undefined;
  readonly maxUnavailablePercentage: number;
}

/** A role or user of IAM, and who they are in the cluster. */
export interface MappingSettings {
  readonly arn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** The plain values of an EKS cluster, defaults filled in: what the rules judge. */
export interface EksSettings extends PrivateNetworkSettings {
  /** What is wrong with the props by their types alone. */
  readonly form: FormFindings;
  readonly clusterName: string;
  /** Minor version. */
  readonly kubernetesVersion: string;
  readonly region?: string | undefined;
  readonly existingNetwork:
    | {
        readonly vpcId: string;
        readonly cidr: string;
        readonly subnets: readonly { readonly id: string; readonly cidr: string; readonly availabilityZone: string }[];
      }
    | undefined;
  readonly proxy:
    | {
        readonly url: string;
        readonly httpsUrl?: string;
        readonly exceptions?: readonly string[];
        readonly caBundle?: string;
      }
    | undefined;
  readonly networkCidr: string;
  /** Names, or how many. */
  readonly availabilityZones: readonly string[] | number;
  readonly nat: "none" | "single" | "per-zone";
  readonly serviceCidr: string;
  readonly privateEndpoint: boolean;
  readonly publicCidrs: readonly string[];
  readonly authenticationMode: "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API";
  readonly logs: readonly string[];
  readonly logRetentionDays: number;
  readonly secretsKeyArn: string | undefined;
  readonly prefixDelegation: boolean;
  /** Whether pods have subnets of their own. */
  readonly customNetworking: boolean;
  readonly readyTimeoutSeconds: number;
  /** By the paths of their props. */
  readonly groups: Readonly<Record<string, NodeGroupSettings>>;
  readonly fargateProfiles: Readonly<Record<string, readonly { readonly namespace: string }[]>>;
  /** By name, without those that are left out. */
  readonly addons: Readonly<
    Record<string, { readonly version?: string; readonly configuration?: Readonly<Record<string, unknown>> }>
  >;
  /** Roles for pods, by name. */
  readonly podIdentities: Readonly<
    Record<string, { readonly namespace: string; readonly serviceAccount: string; readonly roleArn: string }>
  >;
  readonly mappedRoles: readonly MappingSettings[];
  readonly mappedUsers: readonly MappingSettings[];
  readonly accounts: readonly string[];
  /** ARNs of principals, by the names of their entries. */
  readonly accessEntries: Readonly<Record<string, string>>;
  /** What each of them may do. */
  readonly accessRights: Readonly<
    Record<
      string,
      {
        readonly groups: readonly string[];
        readonly policies: readonly { readonly name: string; readonly namespaces?: readonly string[] }[];
      }
    >
  >;
  readonly sshPublicKey: string | undefined;
  readonly sshCidrs: readonly string[];
}
