import { Token } from "cdktf";
import {
  DEFAULT_KUBERNETES_VERSION,
  RELEASES,
  publishedChecksums,
  type HardWaySettings,
  type Mirrors,
} from "../constructs";
import type { ClusterStack } from "./cluster-stack";
import type { HardWayShape } from "./configuration";

const RUNS_AGAIN = "runs the stages again that fetch from it, in place";

/** Where nodes fetch from, as variables. */
export function mirrorVariables(stack: ClusterStack<HardWaySettings>, shape: HardWayShape): Mirrors {
  const downloadMirror = stack.variable(
    "download_mirror",
    "string",
    {
      meaning: "base URL for release files; empty: the publishers",
      changing: RUNS_AGAIN,
    },
    "",
  );
  const imageMirror = stack.variable(
    "image_mirror",
    "string",
    {
      meaning: "registry asked for every image; empty: the image's own",
      changing: RUNS_AGAIN,
    },
    "",
  );
  const packageMirror = stack.variable(
    "package_mirror",
    "string",
    {
      meaning: "Debian repository; empty: the machine's own sources",
      changing: RUNS_AGAIN,
    },
    "",
  );
  const checksums = stack.variable(
    "checksums",
    "map(string)",
    {
      meaning: "sha256 of release files by URL without scheme; with a mirror of files built elsewhere, their sums",
      changing: "runs the stages again that fetch those files, in place",
    },
    checksumsOf(shape),
  );
  return {
    downloads: downloadMirror.stringValue,
    images: imageMirror.stringValue,
    packages: packageMirror.stringValue,
    checksums: Token.asStringMap(checksums.value),
  };
}

/** The published sums of every release that a cluster's machines run. */
function checksumsOf(shape: HardWayShape): Readonly<Record<string, string>> {
  const { kubernetesVersion = DEFAULT_KUBERNETES_VERSION, workers, workerPools = {}, architecture = "amd64" } = shape;
  const asked = [kubernetesVersion, ...[workers, ...Object.values(workerPools)].map((pool) => pool?.kubernetesVersion)];
  return RELEASES.filter(({ kubernetes }) => asked.includes(kubernetes)).reduce(
    (sums, release) => ({ ...sums, ...publishedChecksums(release, architecture) }),
    {},
  );
}
