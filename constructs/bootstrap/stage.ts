import type { NodeEnv } from "./node-env";

/** A step of the bootstrap: what it does, where, from what, and after what. Upgrades and repairs depend on this table. */
export interface Stage {
  readonly name: StageName;
  readonly runsOn: "every machine" | "each controller" | "the first controller" | "each worker";
  readonly does: string;
  /** Stages, and parts of the network, that have to be complete on every machine before this one begins on any. */
  readonly waitsFor: readonly (StageName | "network" | "api" | "pod-routes" | "log-streams")[];
  /** Variables of `node.env` that its script reads: a change of any other runs nothing. */
  readonly reads: readonly (keyof NodeEnv)[];
  /** Those of them that may be empty. */
  readonly mayBeEmpty: readonly (keyof NodeEnv)[];
  /** Secrets and certificates that it installs. */
  readonly files: readonly string[];
  /** Its connection may trust the host key in user data, so only another machine or other files make it run again. */
  readonly firstConnection?: true;
}

export type StageName =
  | "ssh-host-key"
  | "proxy"
  | "control-plane-programs"
  | "worker-programs"
  | "etcd"
  | "vxlan"
  | "image-credentials"
  | "control-plane"
  | "rbac"
  | "worker"
  | "nodes"
  | "coredns"
  | "logs";
