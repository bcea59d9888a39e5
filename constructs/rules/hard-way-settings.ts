import type { ExtraArguments } from "../facts/component-flags";
import type { FormFindings } from "./form";
import type { PrivateNetworkSettings } from "./private-network-settings";

/** Like machines of one role, at consecutive fixed addresses. */
export interface MachineGroupSettings {
  readonly count: number;
  readonly instanceType: string;
  /** Number of the first machine's address in its subnet. */
  readonly firstHost: number;
}

/** Keeps pods that do not tolerate it away from a node. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface WorkerPoolSettings extends MachineGroupSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Undefined where it is that of the control plane. */
  readonly kubernetesVersion?: string | undefined;
}

/** The plain values of a hard-way cluster, defaults filled in: what the rules judge. */
export interface HardWaySettings extends PrivateNetworkSettings {
  /** What is wrong with the props by their types alone. */
  readonly form: FormFindings;
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly region?: string | undefined;
  readonly topology: "public" | "private";
  readonly nat: "none" | "single" | "per-zone";
  readonly apiExposure: "internet" | "internal";
  readonly access: "ssh" | "ssm" | "instanceConnect" | "none";
  /** Whether the image of the machines has the SSM agent. */
  readonly ssmAgent: boolean;
  /** ARNs of more IAM policies by their names, by role. */
  readonly policies: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** JSON of IAM policies by their names, by role. */
  readonly inlinePolicies: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Names of instance profiles that are there, by role. */
  readonly instanceProfiles: Readonly<Record<string, string>>;
  readonly permissionsBoundary: string | undefined;
  readonly logs:
    { readonly groupName?: string; readonly retentionDays?: number; readonly kmsKeyArn?: string } | undefined;
  readonly containerRegistry:
    | {
        readonly repositories?: Readonly<
          Record<string, { readonly kmsKeyArn?: string; readonly untaggedDays?: number; readonly images?: number }>
        >;
        readonly pullThrough?: Readonly<Record<string, { readonly registry: string; readonly credentialArn?: string }>>;
      }
    | undefined;
  readonly flowLogs: { readonly bucketArn?: string; readonly retentionDays?: number } | undefined;
  readonly bastion: { readonly instanceType: string } | undefined;
  readonly existingNetwork:
    | {
        readonly vpcId: string;
        readonly cidr: string;
        readonly subnets: readonly { readonly id: string; readonly cidr: string; readonly availabilityZone: string }[];
        readonly routeTableIds: readonly string[];
      }
    | undefined;
  readonly gatewayRoutes: Readonly<Record<string, string>> | undefined;
  readonly proxy:
    | {
        readonly url: string;
        readonly httpsUrl?: string;
        readonly caBundle?: string;
        readonly exceptions?: readonly string[];
      }
    | undefined;
  readonly networkCidr: string;
  /** Names, or how many. */
  readonly availabilityZones: readonly string[] | number;
  readonly podNetwork: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly controlPlane: MachineGroupSettings;
  readonly workers: WorkerPoolSettings;
  readonly workerPools: Readonly<Record<string, WorkerPoolSettings>>;
  readonly adminCidrs: readonly string[];
  readonly allowOpenAdminCidrs: boolean;
  /** Empty: not said, and nothing to conclude it from. */
  readonly sshAddress: string;
  readonly sshTimeout: string;
  readonly sshBastion:
    | {
        readonly host: string;
        readonly port: number;
        readonly user: string;
        readonly privateKey: string;
        readonly hostKeys: readonly string[];
        readonly cidr?: string | undefined;
        readonly securityGroupId?: string | undefined;
      }
    | undefined;
  readonly downloadMirror: string;
  readonly imageMirror: string;
  readonly packageMirror: string;
  readonly checksums: Readonly<Record<string, string>>;
  readonly extraArguments: ExtraArguments;
  readonly kubeletConfiguration: Readonly<Record<string, unknown>>;
  readonly containerdConfiguration: string;
  readonly healthCheck: string;
  readonly kubeProxyMode: string;
  readonly certificateAlgorithm: string;
  readonly validityHours: number;
  readonly earlyRenewalHours: number;
}
