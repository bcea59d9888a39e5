import type { Release } from "../../constructs/facts/versions";
import { prepare } from "../../lab/artifacts/prepare";
import { flagTable, flagsOf, tableNames, withProgram } from "../support/flags";

/** Holds the committed tables of flags beside a release to what its programs list; nothing runs of them but `--help`. */
export function agreesWithItsPrograms(release: Release): void {
  test(
    `the tables of flags beside Kubernetes ${release.kubernetes} are what its programs say (FT-34, FT-97)`,
    async () => {
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
}
