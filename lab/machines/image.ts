import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { cached } from "../cache";

/** Everything that decides what the machine image is. */
const recipe = ["image.sh", "cloud.cfg", "lab-init"];

/** Where the machine image lies, or will lie once it is made: another recipe or kernel is another image. */
export function imageFolder(): string {
  const hash = createHash("sha256").update(release());
  for (const name of recipe) hash.update(readFileSync(join(__dirname, name)));
  return cached(`rootfs-${hash.digest("hex").slice(0, 16)}`);
}
