import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { architecture } from "./architecture";
import type { Made, Result } from "./artifact";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { conformanceImages, refuseOtherVersions } from "./conformance-images";
import { goBuild, goModule, goSettings, goVersion } from "./go-build";
import { obtainImages } from "./images";
import { kubernetesModule } from "./kubernetes-module";
import { keyOf, place, sweepWork, workFolder } from "./record";
import { release } from "./versions";

/** The programs of upstream's conformance suite. */
export interface ConformanceSuite {
  /** Runs specs in several processes. */
  readonly ginkgo: string;
  /** The specs. */
  readonly specs: string;
}

const specsPackage = "k8s.io/kubernetes/test/e2e";
const ginkgoPackage = "github.com/onsi/ginkgo/v2/ginkgo";
const folder = join("conformance", release.kubernetes);

/**
 * Makes what the cache lacks of upstream's suite in the version of the cluster: its programs, and in the lab's registry
 * the images of its specs. Four minutes the first time. Wants what `prepare` makes.
 */
export async function prepareConformanceSuite({ log }: { log: Log }): Promise<ConformanceSuite> {
  await sweepWork();
  await conformancePrograms(log);
  await obtainImages(conformanceImages, log);
  await sweepWork();
  return { ginkgo: cached(folder, "ginkgo"), specs: cached(folder, "e2e.test") };
}

async function conformancePrograms(log: Log): Promise<Result> {
  const compilers = [await goVersion(), goSettings];
  return obtain(
    {
      name: "conformance suite",
      version: release.kubernetes,
      keys: { built: keyOf(release.kubernetes, architecture, compilers, 1) },
      make,
    },
    log,
  );
}

async function make(log: Log): Promise<Made> {
  const { Dir: sources } = await goModule("k8s.io/kubernetes", `v${release.kubernetes}`, await workFolder("sources"));
  await refuseOtherVersions(sources);
  const main = await readFile(join(sources, "test", "e2e", "e2e_test.go"), "utf8");
  // The specs are what the test imports; Go counts the imports of its own module's tests only.
  const imported = [...main.matchAll(/^\t(?:[\w.]+ )?"([\w-]+\.[^"]+)"$/gm)].map(([, path]) => path ?? "");
  const packages = [ginkgoPackage, specsPackage, ...imported];
  const module = await kubernetesModule(release.kubernetes, packages);
  const outputFolder = await workFolder("conformance-suite");
  const { variables } = module;
  await goBuild({ folder: module.folder, packages, outputFolder, variables }, log);
  await goBuild({ folder: module.folder, packages: [specsPackage], outputFolder, variables, test: true }, log);
  const programs = ["ginkgo", "e2e.test"];
  for (const name of programs) await place(join(outputFolder, name), cached(folder, name));
  return { source: "built", paths: programs.map((name) => join(folder, name)) };
}
