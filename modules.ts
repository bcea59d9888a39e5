import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { App } from "cdktf";
import { eks } from "./stacks/eks";
import { hardWay } from "./stacks/hard-way";
import { writeModule } from "./stacks/terraform-module";

// npm run modules [FOLDER]: the stacks as Terraform modules, for those who call them from HCL. @default modules
const out = resolve(process.argv[2] ?? "modules");
const scratch = mkdtempSync(join(tmpdir(), "modules-"));
try {
  const app = new App({ outdir: scratch });
  hardWay(app, "module");
  eks(app, "module");
  app.synth();
  for (const name of ["hard-way", "eks"]) {
    writeModule(name, join(scratch, "stacks", name), join(out, name));
    process.stdout.write(`wrote ${name}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
