import type { HardWaySettings, Taint, WorkerPoolSettings } from "../rules/hard-way-settings";

/** Like workers, and what their Terraform addresses and their pod blocks come from. */
export interface Pool extends WorkerPoolSettings {
  /** Of the machines' construct. */
  readonly id: string;
  /** What its machines' names begin with. */
  readonly name: string;
  /** Number of the pod block of the machine with this index. */
  readonly podBlock: (index: number) => number;
}

/** The default pool, whose pod blocks are counted from 0, and the others, each of whose blocks has its machine's number. */
export function poolsOf({ workers, workerPools }: Pick<HardWaySettings, "workers" | "workerPools">): Pool[] {
  return [
    { ...workers, id: "worker", name: "worker", podBlock: (index) => index },
    ...Object.entries(workerPools).map(([name, pool]) => ({
      ...pool,
      id: `pool-${name}`,
      name,
      podBlock: (index: number) => pool.firstHost + index,
    })),
  ];
}

/** As kubelet and kubectl take them: `key=value,key=value`. */
export function renderLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** As kubectl takes them: `key=value:effect,key:effect`. */
export function renderTaints(taints: readonly Taint[]): string {
  return taints.map(({ key, value = "", effect }) => `${key}${value === "" ? "" : `=${value}`}:${effect}`).join(",");
}
