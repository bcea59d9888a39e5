import { DEFAULT_KUBERNETES_VERSION, releaseOf } from "../../../constructs/facts/versions";
import { acceptsConfiguration } from "../accepted-configuration";
import { agreesWithItsPrograms } from "../flag-tables";

describe(`Kubernetes ${DEFAULT_KUBERNETES_VERSION}`, () => {
  acceptsConfiguration(DEFAULT_KUBERNETES_VERSION);
  agreesWithItsPrograms(releaseOf(DEFAULT_KUBERNETES_VERSION));
});
