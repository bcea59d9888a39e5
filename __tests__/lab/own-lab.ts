import { join } from "node:path";
import { prepare, type Artifacts, type PrepareOptions } from "../../lab/artifacts/prepare";
import { systemPackages } from "../../lab/artifacts/system-packages";
import { down, refuseWhenSomethingIsInTheWay, up } from "../../lab/lab";
import { labFolder, testsOwner } from "../../lab/terraform/workspace";

/** Where clusters of tests lie, apart from the one of npm start. */
export const testsFolder = join(labFolder, "tests");

const log = (line: string): void => void process.stderr.write(`${line}\n`);
let ours = false;

/** Starts a lab of the tests and prepares what its machines download: of the default release, unless it is told others. */
export async function startOwnLab(
  kubernetesVersions?: readonly string[],
  extras: PrepareOptions["extras"] = [],
): Promise<Artifacts> {
  refuseWhenSomethingIsInTheWay();
  await systemPackages(log);
  const lab = up({ owner: testsOwner, log }).then(() => void (ours = true));
  try {
    const [artifacts] = await Promise.all([
      prepare({ log, extras, ...(kubernetesVersions === undefined ? {} : { kubernetesVersions }) }),
      lab,
    ]);
    return artifacts;
  } finally {
    // Also when the other has failed: only a lab that is up is taken down again.
    await lab.catch(() => undefined);
  }
}

/** Takes the lab down that startOwnLab started: a failure here is not the end of somebody else's. */
export async function endOwnLab(): Promise<void> {
  if (ours) await down({ log });
}
