import type { TerraformStack } from "cdktf";
import { HardWayCluster, type HardWayClusterProps } from "../../constructs";
import { named, waitsFor, type Block } from "./resources";
import { synth, type Synthesised } from "./synth";

/** The fewest props that a cluster can do with, and one machine of each kind. */
export const SMALL: HardWayClusterProps = {
  clusterName: "blue",
  adminCidrs: ["198.51.100.0/24"],
  controlPlane: { count: 1 },
  workers: { count: 1 },
};

/** A cluster as Terraform reads it: SMALL with `props` over it. */
export function hardWay(props: Partial<HardWayClusterProps> = {}): Synthesised {
  return synth((stack) => void cluster(stack, props));
}

/** The cluster `cluster` in a stack: SMALL with `props` over it. */
export function cluster(stack: TerraformStack, props: Partial<HardWayClusterProps> = {}): HardWayCluster {
  return new HardWayCluster(stack, "cluster", { ...SMALL, ...props });
}

/** A stage on a machine, as `etcd/controller-0`. */
export type StageOnMachine = `${string}/${string}`;

/** The resources of the bootstrap, by stage and machine. `depends_on` has what they wait for, and not the local between. */
export function stages(stack: Synthesised): Record<StageOnMachine, Block> {
  return Object.fromEntries(
    Object.entries(named(stack, "null_resource")).map(([name, block]) => [
      name.replace("cluster_stage-", "").replace("_", "/"),
      { ...block, depends_on: waitsFor(stack, block) },
    ]),
  );
}

/** A stage on a machine. */
export function stage(stack: Synthesised, name: StageOnMachine): Block {
  const found = stages(stack)[name];
  if (found === undefined) throw new Error(`no stage ${name}: ${Object.keys(stages(stack)).join(", ")}`);
  return found;
}

/** What a stage's `node.env` says. */
export function env(stack: Synthesised, name: StageOnMachine): Record<string, string> {
  const { triggers, provisioner } = stage(stack, name);
  // It is a trigger too, but for the first stage.
  const [, literal] =
    /base64encode\((".*?")\)/.exec((provisioner as { file?: { content: string } }[])[1]!.file!.content) ?? [];
  const text = literal === undefined ? (triggers as { env: string }).env : (JSON.parse(literal) as string);
  return Object.fromEntries([...text.matchAll(/^([A-Z0-9_]+)='(.*)'$/gm)].map(([, key, value]) => [key!, value!]));
}

/** What a stage uploads to its folder `files/`, by file name: the values that its local holds. */
export function files(stack: Synthesised, name: StageOnMachine): Record<string, string> {
  const [stageName, machine] = name.split("/");
  const local = Object.entries(stack.locals).find(([key]) =>
    key.startsWith(`cluster_stage-${stageName}_${machine}-files_`),
  );
  return (local?.[1] ?? {}) as Record<string, string>;
}
