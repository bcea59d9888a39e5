import { join } from "node:path";
import { cached } from "../cache";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { goBuild, goModule, goSettings, goVersion } from "./go-build";
import { keyOf, place, workFolder } from "./record";

/** The release that the modules are run with. */
export const openTofuVersion = "1.12.6";
const name = "github.com/opentofu/opentofu";
const path = join("opentofu", openTofuVersion, "tofu");

/** OpenTofu's program, built of its sources. For the tests that run it alone, so that prepare does not make it. */
export async function openTofu(log: Log): Promise<string> {
  const keys = { built: keyOf(name, openTofuVersion, process.platform, process.arch, goSettings, await goVersion()) };
  const make = async (say: Log) => {
    const outputFolder = await workFolder("opentofu");
    const { Dir } = await goModule(name, `v${openTofuVersion}`, outputFolder);
    // In its own folder, since its go.mod replaces modules, which `go install` refuses.
    const program = { folder: Dir, packages: ["./cmd/tofu"], outputFolder, system: process.platform };
    await goBuild({ ...program, variables: [`${name}/version.dev=no`] }, say);
    await place(join(outputFolder, "tofu"), cached(path));
    return { source: "built" as const, paths: [path] };
  };
  await obtain({ name: "opentofu", version: openTofuVersion, keys, make }, log);
  return cached(path);
}
