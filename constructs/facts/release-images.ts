import type { Release } from "./versions";

/** An image that nodes pull, by its name with its registry. */
export interface ReleaseImage {
  readonly name: string;
  readonly version: string;
  /** Of the index of all architectures, as the publisher's registry has it under that version; undefined where it is not known. */
  readonly digest: string | undefined;
}

const PAUSE = "registry.k8s.io/pause";
const COREDNS = "docker.io/coredns/coredns";

// Source: public repositories that pin these images by digest, all of them by the same (2026-11).
const DIGESTS: Readonly<Record<string, string>> = {
  [`${PAUSE}:3.10.1`]: "sha256:278fb9dbcca9518083ad1e11276933a2e96f23de604a3a08cc3c80002767d24c",
  [`${PAUSE}:3.10.2`]: "sha256:f548e0e8e3dc1896ca956272154dde3314e8cc4fde0a57577ee9fa1c63f5baf4",
  [`${COREDNS}:1.14.7`]: "sha256:7efd3c635b03efd68c4e8398fc45f0d993d0e9ab016f72c1cefb0fd6d01aa286",
};

const image = (name: string, version: string): ReleaseImage => ({
  name,
  version,
  digest: DIGESTS[`${name}:${version}`],
});

/** Every image that a cluster of this release pulls before it runs anything of its users. */
export function releaseImages({ pause, coredns }: Release): {
  readonly pause: ReleaseImage;
  readonly coredns: ReleaseImage;
} {
  return { pause: image(PAUSE, pause), coredns: image(COREDNS, coredns) };
}

/** As containerd and pods name it: the registry decides what a tag is, since nodes pull by tag. */
export const imageReference = ({ name, version }: ReleaseImage): string => `${name}:${version}`;
