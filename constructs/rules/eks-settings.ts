import type { Taint } from "./hard-way-settings";

/** Like nodes, whoever keeps them. */
export interface NodeGroupSettings {
  readonly instanceTypes: readonly string[];
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Where its nodes are. */
  readonly subnets: "public" | "private";
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly rootVolumeGiB: number;
}

/** The plain values of an EKS cluster, defaults filled in: what the rules judge. */
export interface EksSettings {
  readonly clusterName: string;
  /** Minor version. */
  readonly kubernetesVersion: string;
  readonly region?: string | undefined;
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
  readonly selfManagedGroups: Readonly<Record<string, NodeGroupSettings>>;
  readonly readyTimeoutSeconds: number;
  readonly managedGroups: Readonly<Record<string, NodeGroupSettings>>;
}
