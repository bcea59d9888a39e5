import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REPOSITORY = join(__dirname, "..", "..");
/** What commands make in a clone, and what they must not share with this one. */
const OWN = [".git", ".lab", "node_modules", "cdktf.out", "dist", "modules", "conformance-report"];

/** A clone of this repository with its packages installed, in which commands may write. */
export class Clone {
  readonly folder = mkdtempSync(join(tmpdir(), "clone-"));

  constructor() {
    for (const name of readdirSync(REPOSITORY).filter((entry) => !OWN.includes(entry)))
      cpSync(join(REPOSITORY, name), join(this.folder, name), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.folder, "node_modules"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
