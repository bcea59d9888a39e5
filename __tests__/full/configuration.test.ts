import { DEFAULT_KUBERNETES_VERSION, RELEASES } from "../../constructs/facts/versions";
import { acceptsConfiguration } from "../lab/accepted-configuration";
import { agreesWithItsPrograms } from "../lab/flag-tables";

// Of the default release the tests of lab/long ask the same.
describe.each(RELEASES.filter(({ kubernetes }) => kubernetes !== DEFAULT_KUBERNETES_VERSION))(
  "Kubernetes $kubernetes",
  (release) => {
    acceptsConfiguration(release.kubernetes);
    agreesWithItsPrograms(release);
  },
);
