import { join } from "node:path";
import { EXTERNAL_DNS_VERSION } from "../../constructs/facts/external-dns";
import { cached } from "../cache";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { goBuild, goSettings, goVersion } from "./go-build";
import { withLock } from "./lock";
import { keyOf, place, workFolder } from "./record";

const source = "sigs.k8s.io/external-dns";
const version = EXTERNAL_DNS_VERSION;
const program = join("programs", `external-dns-${version}`);

/** The program in the image that clusters run; for tests that need it alone, so that prepare does not make it. */
export async function externalDns(log: Log): Promise<string> {
  return withLock("prepare", log, async () => {
    await obtain(
      {
        name: "ExternalDNS",
        version,
        keys: { built: keyOf(version, await goVersion(), goSettings) },
        make: async (say) => {
          const outputFolder = await workFolder("external-dns");
          const variables = [`${source}/pkg/apis/externaldns.Version=v${version}`];
          await goBuild({ outputFolder, packages: [`${source}@v${version}`], variables }, say);
          await place(join(outputFolder, "external-dns"), cached(program));
          return { source: "built", paths: [program] };
        },
      },
      log,
    );
    return cached(program);
  });
}
