import { join } from "node:path";
import { cached } from "../cache";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { goBuild, goSettings, goVersion } from "./go-build";
import { keyOf, place, workFolder } from "./record";

// What reads a NodeConfig in images for EKS. Go's module proxy serves this version alone, of the day it was first released: it
// checks what a node is told, and starts none, since it looks for a setting of containerd that containerd 2 calls otherwise.
const version = "0.0.0-20240229193347-cfab22a10647";
const program = join("programs", `nodeadm-${version}`);

/** nodeadm's program; for tests that need it alone, so that prepare does not make it. */
export async function nodeadm(log: Log): Promise<string> {
  await obtain(
    {
      name: "nodeadm",
      version,
      keys: { built: keyOf(version, await goVersion(), goSettings) },
      make: async (say) => {
        const outputFolder = await workFolder("nodeadm");
        await goBuild(
          { outputFolder, packages: [`github.com/awslabs/amazon-eks-ami/nodeadm/cmd/nodeadm@v${version}`] },
          say,
        );
        await place(join(outputFolder, "nodeadm"), cached(program));
        return { source: "built", paths: [program] };
      },
    },
    log,
  );
  return cached(program);
}
