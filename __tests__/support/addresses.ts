import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { App } from "cdktf";
import { readConfiguration, type Configuration } from "../../stacks/configuration";
import { eks } from "../../stacks/eks";
import { hardWay } from "../../stacks/hard-way";
import { hybrid } from "../../stacks/hybrid";
import { CORPORATE } from "./hybrid";
import { blocksOf, page } from "./page";

/** What of a synthesised stack Terraform knows things by. */
export interface Addressed {
  readonly resource: Readonly<Record<string, object>>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
}

export const addressesOf = ({ resource }: Addressed): string[] =>
  Object.entries(resource)
    .flatMap(([type, all]) => Object.keys(all).map((name) => `${type}.${name}`))
    .sort();

/** Addresses that were promised once and have gone without a `moved` block: what Terraform would destroy. */
export function lost(promised: readonly string[], stack: Addressed): string[] {
  const kept = new Set([...addressesOf(stack), ...(stack.moved ?? []).map(({ from }) => from)]);
  return promised.filter((address) => !kept.has(address));
}

const yaml = blocksOf(page("modules.md"), "yaml");

/** The stacks of main.ts, and the clusters of docs/modules.md. */
export const EXAMPLES: Readonly<Record<string, (app: App) => void>> = {
  "hard-way": (app) => hardWay(app),
  eks: (app) => eks(app),
  hybrid: (app) => hybrid(app, "root", CORPORATE),
  ...Object.fromEntries(
    yaml.map((text) => [`module-${/^kind: (.*)$/m.exec(text)![1]!}`, (app: App) => make(app, configuration(text))]),
  ),
};

function configuration(text: string): Configuration {
  const folder = mkdtempSync(join(tmpdir(), "addresses-"));
  try {
    writeFileSync(join(folder, "cluster.yaml"), text);
    return readConfiguration(join(folder, "cluster.yaml"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function make(app: App, given: Configuration): void {
  if (given.kind === "hard-way") hardWay(app, "module", given.cluster);
  else if (given.kind === "eks") eks(app, "module", given.cluster);
  else hybrid(app, "module", given.network, given.cluster);
}

export function synthesised(build: (app: App) => void): Addressed {
  const outdir = mkdtempSync(join(tmpdir(), "addresses-"));
  try {
    const app = new App({ outdir });
    build(app);
    app.synth();
    const [{ synthesizedStackPath: path } = { synthesizedStackPath: "" }] = Object.values(app.manifest.stacks);
    return JSON.parse(readFileSync(join(outdir, path), "utf8")) as Addressed;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const listOf = (name: string): string => join(__dirname, "..", "clusters", "addresses", `${name}.txt`);

/** The addresses that an example has had since its first release, and still has or has moved. */
export function promised(name: string): string[] {
  return existsSync(listOf(name)) ? readFileSync(listOf(name), "utf8").trimEnd().split("\n") : [];
}

// npm run addresses: adds what is new. What is gone stays in the list, for its users' sake.
if (process.argv.includes("--write"))
  for (const [name, build] of Object.entries(EXAMPLES)) {
    const all = new Set([...promised(name), ...addressesOf(synthesised(build))]);
    mkdirSync(dirname(listOf(name)), { recursive: true });
    writeFileSync(listOf(name), `${[...all].sort().join("\n")}\n`);
  }
