import type { TerraformStack } from "cdktf";
import { EksCluster, type EksClusterProps } from "../../constructs";
import { named, type Block } from "./resources";
import { synth, type Synthesised } from "./synth";

/** The fewest props that a cluster can do with. */
export const SMALL_EKS: EksClusterProps = { clusterName: "blue" };

/** A cluster as Terraform reads it: SMALL_EKS with `props` over it. */
export function eks(props: Partial<EksClusterProps> = {}): Synthesised {
  return synth((stack) => void eksCluster(stack, props));
}

/** The cluster `cluster` in a stack: SMALL_EKS with `props` over it. */
export function eksCluster(stack: TerraformStack, props: Partial<EksClusterProps> = {}): EksCluster {
  return new EksCluster(stack, "cluster", { ...SMALL_EKS, ...props });
}

/** A step that runs where Terraform does. */
export function step(stack: Synthesised, name: string): Block {
  const found = named(stack, "null_resource")[`cluster_${name}`];
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}
