import type { HardWaySettings, Taint, WorkerPoolSettings } from "./hard-way-settings";
import { areLabels, areTaints, mayRegister } from "./labels";
import type { Rule } from "./rule";

/** Every pool of workers by the path of its prop. */
export const workerPools = ({ workers, workerPools: others }: HardWaySettings): Record<string, WorkerPoolSettings> => ({
  workers,
  ...Object.fromEntries(Object.entries(others).map(([name, pool]) => [`workerPools.${name}`, pool])),
});
/** A value of every pool by the path of its field. */
export const ofPools = <Value>(
  settings: HardWaySettings,
  field: string,
  value: (pool: WorkerPoolSettings) => Value,
): Record<string, Value> =>
  Object.fromEntries(Object.entries(workerPools(settings)).map(([path, pool]) => [`${path}.${field}`, value(pool)]));

const withPool = (settings: HardWaySettings, change: Partial<WorkerPoolSettings>): HardWaySettings => ({
  ...settings,
  workers: { ...settings.workers, ...change },
});
const GPU = { count: 1, instanceType: "t3.small", firstHost: 60, labels: {}, taints: [] };

/** Pools of workers, and what their nodes are called and keep away. */
export const POOL_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "pool-name",
    of: ({ workerPools }) => Object.fromEntries(Object.keys(workerPools).map((name) => [`workerPools.${name}`, name])),
    accepts: (name: string) =>
      /^(?!(worker|controller|bastion)$)[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name) && !/-[0-9]+$/.test(name),
    must: "must be 1 to 20 lower-case letters, digits and hyphens, begin with a letter, not end in a number after a hyphen, and be neither worker, controller nor bastion: machines are named by it and their number",
    cure: "use a name such as gpu",
    breaks: (good) => ({ ...good, workerPools: { worker: GPU } }),
  },
  {
    id: "pool-blocks",
    of: ({ workers, workerPools }) =>
      Object.fromEntries(
        Object.entries(workerPools).map(([name, { firstHost }]) => [
          `workers.count and workerPools.${name}.firstHost`,
          [workers.count, firstHost],
        ]),
      ),
    accepts: ([count, firstHost]: [number, number]) => firstHost >= count,
    must: "must not meet: a pool's machine has the pod block of its address's number, and the default pool has those from 0 on",
    cure: "begin the pool at a higher address, such as 60",
    breaks: (good) => ({
      ...good,
      workers: { ...good.workers, count: 8 },
      workerPools: { gpu: { ...GPU, firstHost: 5 } },
    }),
  },
  {
    id: "labels",
    of: (settings) => ofPools(settings, "labels", ({ labels }) => labels),
    accepts: areLabels,
    must: "must have keys and values of at most 63 letters, digits, hyphens, underscores and dots, a key with an optional DNS name and a slash before it",
    cure: "write them as in example.com/tier: web",
    breaks: (good) => withPool(good, { labels: { "my tier": "web" } }),
  },
  {
    id: "label-prefix",
    of: (settings) => ofPools(settings, "labels", ({ labels }) => labels),
    accepts: (labels: Readonly<Record<string, string>>) => Object.keys(labels).every(mayRegister),
    must: "must not lie below kubernetes.io or k8s.io, where a kubelet may give itself only what is under node.kubernetes.io and kubelet.kubernetes.io",
    cure: "use a name of your own such as example.com/role, or node.kubernetes.io/role",
    breaks: (good) => withPool(good, { labels: { "node-role.kubernetes.io/worker": "" } }),
  },
  {
    id: "taints",
    also: ["type"],
    of: (settings) => ofPools(settings, "taints", ({ taints }) => taints),
    accepts: areTaints,
    must: "must have keys and values as labels have, the effect NoSchedule, PreferNoSchedule or NoExecute, and each key with an effect once",
    cure: "write them as in { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }",
    breaks: (good) => withPool(good, { taints: [{ key: "dedicated", effect: "NoRun" as Taint["effect"] }] }),
  },
  {
    id: "untainted-pool",
    of: (settings) => ({
      "workers.taints and workerPools": Object.values(workerPools(settings)).map(({ taints }) =>
        taints.map(({ effect }) => effect),
      ),
    }),
    accepts: (effects: readonly (readonly string[])[]) =>
      effects.some((pool) => !pool.includes("NoSchedule") && !pool.includes("NoExecute")),
    must: "must leave one pool that keeps no pods away, or cluster DNS would run nowhere",
    cure: "take the taints off one pool",
    breaks: (good) => withPool(good, { taints: [{ key: "dedicated", effect: "NoSchedule" }] }),
  },
];
