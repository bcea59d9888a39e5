import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { architecture } from "./architecture";
import type { Made, Result } from "./artifact";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { archiveOfThisMachine, downloadIndexes, downloadPackages, suite } from "./debian-archive";
import { keyOf, workFolder } from "./record";

/** What the bootstrap scripts install on a node, besides what its image carries. */
const packages = ["socat", "conntrack", "ipset", "iptables", "nftables", "nginx"];

const key = keyOf(suite, packages, architecture, 2);
const folder = `debian-${key}`;

/** By what is in it: a checkout with another list does not take it from a lab that runs. */
export const debianFolder = cached(folder);

/**
 * A part of Debian's archive as the archive itself serves it: its signed index unchanged, so that a node verifies the
 * signature as everywhere, and of the packages only those that the nodes install, with everything these depend on.
 */
export async function debianPackages(log: Log): Promise<Result> {
  return obtain(
    {
      name: "Debian packages",
      version: `${suite}: ${packages.join(" ")}`,
      record: `Debian packages ${key}`,
      keys: { downloaded: key },
      make,
    },
    log,
  );
}

async function make(log: Log): Promise<Made> {
  const archive = await archiveOfThisMachine();
  log(`from ${archive}`);
  // The whole tree is made anew: an index and packages of different days do not fit together.
  const tree = await workFolder("debian");
  await downloadIndexes(archive, tree, log);
  log(`${(await downloadPackages(archive, tree, packages)).length} packages`);
  await rm(debianFolder, { recursive: true, force: true });
  await rename(tree, debianFolder);
  const entries = await readdir(debianFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return {
    source: "downloaded",
    paths: files.map((file) => join(folder, file.slice(debianFolder.length + 1))).sort(),
  };
}
