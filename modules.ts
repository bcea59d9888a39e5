import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { App } from "cdktf";
import { readConfiguration, type Configuration } from "./stacks/configuration";
import { eks } from "./stacks/eks";
import { hardWay } from "./stacks/hard-way";
import { describedNetwork, hybrid } from "./stacks/hybrid";
import { writeModule } from "./stacks/terraform-module";

// npm run modules -- [FOLDER]: the stacks as Terraform modules, for those who call them from HCL. @default modules
// HYBRID_NETWORK=FILE npm run modules: that of a cluster in the network of FILE too
// npm run modules -- --config FILE --out FOLDER: one module, of the cluster that FILE describes

function modules(): void {
  const { values, positionals } = parseArgs({
    options: { config: { type: "string" }, out: { type: "string" } },
    allowPositionals: true,
  });
  const { config, out = positionals[0] } = values;
  if (config === undefined) {
    const folder = resolve(out ?? "modules");
    const network = describedNetwork();
    const inNetwork: Configuration[] = network === undefined ? [] : [{ kind: "hybrid", network }];
    write([{ kind: "hard-way" }, { kind: "eks" }, ...inNetwork], (kind) => join(folder, kind));
    return;
  }
  if (out === undefined) throw new Error(`--config ${config} needs --out: name the folder that becomes the module`);
  write([readConfiguration(config)], () => resolve(out));
}

/** Writes a module of each, into the folder of its kind; whatever is refused, no folder is touched. */
function write(configurations: readonly Configuration[], folderOf: (kind: string) => string): void {
  const scratch = mkdtempSync(join(tmpdir(), "modules-"));
  try {
    const app = new App({ outdir: scratch });
    for (const configuration of configurations) make(app, configuration);
    app.synth();
    for (const { kind } of configurations) {
      writeModule(kind, join(scratch, "stacks", kind), folderOf(kind));
      process.stdout.write(`wrote ${kind}\n`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function make(app: App, configuration: Configuration): void {
  switch (configuration.kind) {
    case "hard-way":
      return hardWay(app, "module", configuration.cluster, configuration);
    case "eks":
      return eks(app, "module", configuration.cluster);
    case "hybrid":
      return hybrid(app, "module", configuration.network, configuration.cluster, configuration);
  }
}

try {
  modules();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
