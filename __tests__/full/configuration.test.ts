import { DEFAULT_KUBERNETES_VERSION, RELEASES } from "../../constructs/facts/versions";
import { prepare } from "../../lab/artifacts/prepare";
import { acceptsConfiguration } from "../lab/accepted-configuration";
import { flagTable, flagsOf, tableNames, withProgram } from "../support/flags";

describe.each(RELEASES.filter(({ kubernetes }) => kubernetes !== DEFAULT_KUBERNETES_VERSION))(
  "Kubernetes $kubernetes",
  ({ kubernetes }) => acceptsConfiguration(kubernetes),
);

test.each(RELEASES)(
  "the tables of flags beside Kubernetes $kubernetes are what its programs say (FT-34, FT-97)",
  async (release) => {
    const { mirrorFolder } = await prepare({
      log: (line) => void process.stderr.write(`${line}\n`),
      kubernetesVersions: [release.kubernetes],
    });

    for (const [name, files] of Object.entries(tableNames(release)))
      for (const file of files)
        expect({ file, ...(await withProgram(mirrorFolder, file, release, flagsOf)) }).toEqual({
          file,
          ...flagTable(name).programs[file],
        });
  },
  60 * 60_000,
);
