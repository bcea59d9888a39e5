import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { architecture } from "./architecture";
import type { Result } from "./artifact";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { suite, unpackPackages } from "./debian-archive";
import { keyOf, workFolder } from "./record";

/** Debian's squid with everything that it is linked with: unpacked and never installed, which would start it on this machine. */
export const squidFolder = cached("squid");

/** The forward proxy of the office. */
export async function squid(log: Log): Promise<Result> {
  return obtain(
    {
      name: "squid",
      version: suite,
      keys: { downloaded: keyOf(suite, architecture, 2) },
      make: async (say) => {
        const tree = await workFolder("squid");
        await unpackPackages(["squid"], tree, say);
        // What the packages make when they are installed, and where its own /dev is put.
        await writeFile(join(tree, "etc", "passwd"), "proxy:x:13:13::/:/usr/sbin/nologin\n");
        await writeFile(join(tree, "etc", "group"), "proxy:x:13:\n");
        await mkdir(join(tree, "dev"), { recursive: true });
        await rm(squidFolder, { recursive: true, force: true });
        await rename(tree, squidFolder);
        return { source: "downloaded", paths: ["squid/usr/sbin/squid", "squid/usr/lib/squid/basic_ncsa_auth"] };
      },
    },
    log,
  );
}
