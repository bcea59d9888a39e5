import { isKnown } from "../core/known";
import {
  publishedSumsPath,
  releasePath,
  releaseVersion,
  type Architecture,
  type ReleaseFile,
} from "../facts/release-files";
import { imageReference, releaseImages, type ReleaseImage } from "../facts/release-images";
import type { Release } from "../facts/versions";
import { checksum, FILES } from "./downloads";
import { stageNamed, type StageName } from "./stages";

/** A file that nodes download. */
export interface MirrorFile {
  readonly name: string;
  readonly version: string;
  /** At its publisher; a mirror has it at `MIRROR/` and this without its scheme. */
  readonly url: string;
  /** Empty where nodes take it from `sums`. */
  readonly sha256: string;
  /** The publisher's file of sums, which nodes read where no sum is known; empty otherwise. */
  readonly sums: string;
}

/** An image that nodes pull, by tag. */
export interface MirrorImage {
  readonly name: string;
  readonly version: string;
  /** As a registry is asked for it. */
  readonly image: string;
  /** Of the index of all architectures; empty where it is not known. */
  readonly digest: string;
}

/** Everything that the nodes of a cluster fetch, so that mirrors can be filled before there is one. */
export interface MirrorList {
  readonly files: readonly MirrorFile[];
  readonly images: readonly MirrorImage[];
  /** Of the machines' distribution, each with all that it depends on, besides its signed index. */
  readonly packages: readonly string[];
}

/** A stage as some machine runs it. */
export interface StageRun {
  readonly stage: StageName;
  /** Of that machine. */
  readonly release: Release;
}

export interface MirrorListProps {
  /** Every stage of the cluster, in each release that runs it. */
  readonly runs: readonly StageRun[];
  readonly architecture: Architecture;
  /** sha256 by URL without its scheme. */
  readonly checksums: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
}

/** What the stages fetch, by the variables that they read. */
export function mirrorList({ runs, architecture, checksums, packages }: MirrorListProps): MirrorList {
  const read = runs.flatMap(({ stage, release }) =>
    stageNamed(stage).reads.map((variable: string) => ({ variable, release })),
  );
  const files = read.flatMap(({ variable, release }) => {
    const name = variable.endsWith("_URL") ? FILES[variable.slice(0, -"_URL".length) as keyof typeof FILES] : undefined;
    return name === undefined ? [] : [mirrorFile(name, release, architecture, checksums)];
  });
  const images = read.flatMap(({ variable, release }) => {
    const { pause, coredns } = releaseImages(release);
    const found = { PAUSE_IMAGE: pause, COREDNS_IMAGE: coredns }[variable];
    return found === undefined ? [] : [mirrorImage(found)];
  });
  return {
    files: once(files, ({ url }) => url),
    images: once(images, ({ image }) => image),
    packages: [...packages],
  };
}

function mirrorFile(
  name: ReleaseFile,
  release: Release,
  architecture: Architecture,
  checksums: Readonly<Record<string, string>>,
): MirrorFile {
  const path = releasePath(name, release, architecture);
  const sums = publishedSumsPath(name, release, architecture);
  const sha256 = checksum(checksums, path);
  return {
    name,
    version: releaseVersion(name, release),
    url: `https://${path}`,
    sha256,
    // A sum that only Terraform knows may turn out empty.
    sums: sums === undefined || (isKnown(sha256) && sha256 !== "") ? "" : `https://${sums}`,
  };
}

const mirrorImage = (image: ReleaseImage): MirrorImage => ({
  name: image.name,
  version: image.version,
  image: imageReference(image),
  digest: image.digest ?? "",
});

/** Releases have much in common. */
const once = <Item>(items: readonly Item[], key: (item: Item) => string): Item[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];
