import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A hash of every file name and content below `folder`. TerraformAsset's own hash does not see a renamed file. */
export function folderHash(folder: string): string {
  const hash = createHash("sha256");
  const visit = (path: string, name: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const below = join(path, entry.name);
      const known = `${name}/${entry.name}`;
      if (entry.isDirectory()) visit(below, known);
      else hash.update(`${known}\0`).update(readFileSync(below)).update("\0");
    }
  };
  visit(folder, "");
  return hash.digest("hex").slice(0, 32);
}
