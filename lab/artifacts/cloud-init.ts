import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { architecture } from "./architecture";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { suite, unpackPackages } from "./debian-archive";
import { keyOf, workFolder } from "./record";

/** A folder of Python packages: Debian's cloud-init and all that it imports, to be asked and never run as a service. */
export async function cloudInit(log: Log): Promise<string> {
  const key = keyOf(suite, architecture, 1);
  const folder = cached(`cloud-init-${key}`);
  await obtain(
    {
      name: "cloud-init",
      version: suite,
      keys: { downloaded: key },
      async make(say) {
        const unpacked = await workFolder("cloud-init");
        await unpackPackages(["cloud-init"], unpacked, say);
        await rm(folder, { recursive: true, force: true });
        await rename(join(unpacked, "usr", "lib", "python3", "dist-packages"), folder);
        await rm(unpacked, { recursive: true });
        return { source: "downloaded", paths: [`cloud-init-${key}/cloudinit/cmd/main.py`] };
      },
    },
    log,
  );
  return folder;
}
