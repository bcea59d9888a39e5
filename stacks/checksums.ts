import { DEFAULT_KUBERNETES_VERSION, RELEASES, publishedChecksums } from "../constructs";
import type { HardWayShape } from "./configuration";

/** The published sums of every release that a cluster's machines run. */
export function checksumsOf(shape: HardWayShape): Readonly<Record<string, string>> {
  const { kubernetesVersion = DEFAULT_KUBERNETES_VERSION, workers, workerPools = {}, architecture = "amd64" } = shape;
  const asked = [kubernetesVersion, ...[workers, ...Object.values(workerPools)].map((pool) => pool?.kubernetesVersion)];
  return RELEASES.filter(({ kubernetes }) => asked.includes(kubernetes)).reduce(
    (sums, release) => ({ ...sums, ...publishedChecksums(release, architecture) }),
    {},
  );
}
