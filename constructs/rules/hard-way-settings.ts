/** Like machines of one role, at consecutive fixed addresses. */
export interface MachineGroupSettings {
  readonly count: number;
  readonly instanceType: string;
  /** Number of the first machine's address in its subnet. */
  readonly firstHost: number;
}

/** The plain values of a hard-way cluster, defaults filled in: what the rules judge. */
export interface HardWaySettings {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly region?: string | undefined;
  readonly topology: string;
  readonly networkCidr: string;
  /** Names, or how many. */
  readonly availabilityZones: readonly string[] | number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly controlPlane: MachineGroupSettings;
  readonly workers: MachineGroupSettings;
  readonly adminCidrs: readonly string[];
  readonly allowOpenAdminCidrs: boolean;
  readonly sshAddress: string;
  readonly sshTimeout: string;
  readonly downloadMirror: string;
  readonly imageMirror: string;
  readonly packageMirror: string;
  readonly checksums: Readonly<Record<string, string>>;
  readonly validityHours: number;
  readonly earlyRenewalHours: number;
}
