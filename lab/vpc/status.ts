import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsFile, stateFolder } from "../machines/leftovers";

export interface MachineStatus {
  readonly instance: string;
  /** The tag Name. */
  readonly name: string;
  readonly state: "new" | "waiting" | "running" | "stopping" | "stopped" | "died";
  readonly problem: string | null;
  readonly private: string | null;
  readonly public: string | null;
  readonly namespace: string;
}

export interface LabStatus {
  /** What it is doing; "ready" once it follows the API, "dead" when its process is gone. */
  readonly phase: string;
  readonly pid: number;
  /** The folder of the clone that started it, or of that clone's tests. */
  readonly owner: string;
  /** What went wrong and still is. */
  readonly problem: string | null;
  /** The change of the API that the machine's kernel follows. */
  readonly generation: number;
  readonly machines: readonly MachineStatus[];
  /** VPC → namespace of its router. */
  readonly vpcs: Readonly<Record<string, string>>;
  readonly loadBalancers: readonly {
    readonly name: string;
    readonly dns: string;
    /** Target and zone → state and what the last check found. */
    readonly targets: Readonly<Record<string, string>>;
  }[];
  readonly controlPlanes: readonly ControlPlaneStatus[];
}

/** The control plane of a cluster of EKS. */
export interface ControlPlaneStatus {
  readonly cluster: string;
  readonly endpoint: string;
  readonly state: "starting" | "active" | "failed";
  readonly problem: string | null;
  readonly namespace: string;
  /** Where its logs lie. */
  readonly folder: string;
}

/** What the lab says of itself, or undefined where none runs. */
export function status(): LabStatus | undefined {
  let told: LabStatus;
  try {
    told = JSON.parse(readFileSync(join(stateFolder, "status.json"), "utf8")) as LabStatus;
  } catch {
    return undefined;
  }
  if (runs(told.pid)) return told;
  return { ...told, phase: "dead", problem: `its process ${told.pid} is gone; run: npm run down` };
}

/** Whose lab lies here, in whatever state it is: known from its first moment on, before it says anything of itself. */
export function labOwner(): string | undefined {
  try {
    return (JSON.parse(readFileSync(settingsFile, "utf8")) as { owner?: string }).owner;
  } catch {
    return undefined;
  }
}

function runs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(join("vpc", "lab.py"));
  } catch {
    return false;
  }
}
