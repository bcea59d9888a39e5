import { DEFAULT_KUBERNETES_VERSION, releaseOf } from "../../constructs/facts/versions";

/** The release that stacks take by default, whose sources images are made of, and the image of the smoke test. */
export const release = releaseOf(DEFAULT_KUBERNETES_VERSION);
export const agnhost = "2.63.0";
/** Earlier versions that upstream's specs ask for too; the same program answers for them. */
export const agnhostBefore: readonly string[] = ["2.55"];
