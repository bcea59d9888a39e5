import { DEFAULT_KUBERNETES_VERSION, releaseOf } from "../../constructs/facts/versions";

/** What the lab serves to its machines: the release that stacks take by default, and the image of the smoke test. */
export const release = releaseOf(DEFAULT_KUBERNETES_VERSION);
export const agnhost = "2.63.0";
