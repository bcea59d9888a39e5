import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { goCommand, goModule } from "./go-build";
import { exists, keyOf, workFolder, writeWhole } from "./record";

export interface KubernetesModule {
  /** A module to build packages of k8s.io/kubernetes in. */
  readonly folder: string;
  /** The unpacked sources of k8s.io/kubernetes. */
  readonly sources: string;
  /** Linker variables that make the programs report their version. */
  readonly variables: readonly string[];
}

const made = new Map<string, Promise<KubernetesModule>>();

/**
 * Kubernetes cannot be installed by name, because its go.mod replaces its staging modules by folders of its own
 * repository. This writes a module that requires it with the same dependencies and the published staging modules.
 */
export async function kubernetesModule(version: string, packages: readonly string[]): Promise<KubernetesModule> {
  const name = keyOf(version, packages);
  const before = await made.get(name);
  // Work folders are swept away when an artifact is complete, and a process may make another one after it.
  if (before && (await exists(before.folder))) return before;
  const module = make(version, packages, name);
  made.set(name, module);
  return module;
}

async function make(version: string, packages: readonly string[], name: string): Promise<KubernetesModule> {
  const folder = await workFolder(`kubernetes-module-${name}`);
  await writeWhole(join(folder, "go.mod"), "module lab.invalid/kubernetes\n");
  const { Dir: sources, GoMod } = await goModule("k8s.io/kubernetes", `v${version}`, folder);
  await writeWhole(join(folder, "go.mod"), moduleFile(version, await readFile(GoMod, "utf8")));
  await writeWhole(join(folder, "go.sum"), await readFile(join(sources, "go.sum")));
  const imports = packages.map((path) => `import _ ${JSON.stringify(path)}\n`).join("");
  await writeWhole(join(folder, "tools.go"), `//go:build tools\n\npackage tools\n\n${imports}`);
  // Adds the sums of the staging modules, checked against Go's checksum database.
  await goCommand(["mod", "tidy", "-e"], folder);
  return { folder, sources, variables: await versionVariables(version, GoMod) };
}

/** The go.mod of Kubernetes itself with each staging folder replaced by its published module. */
function moduleFile(version: string, original: string): string {
  const staging = version.replace(/^1\./, "v0.");
  const lines = original.split("\n");
  const settings = lines.filter((line) => /^(go|godebug) /.test(line));
  const required = [...original.matchAll(/^require \(\n([\s\S]*?)^\)/gm)].map((block) =>
    (block[1] ?? "").replace(/^(\tk8s\.io\/[a-z-]+) v0\.0\.0(?=\s|$)/gm, `$1 ${staging}`),
  );
  const replaced = [...original.matchAll(/^\t(k8s\.io\/[a-z-]+) => \.\/staging\/src\/\S+$/gm)].map(
    ([, module]) => `\t${module} => ${module} ${staging}`,
  );
  return [
    "module lab.invalid/kubernetes",
    ...settings,
    `require k8s.io/kubernetes v${version}`,
    ...required.map((block) => `require (\n${block})`),
    `replace (\n${replaced.join("\n")}\n)`,
    "",
  ].join("\n");
}

/** What hack/lib/version.sh sets, as far as the module proxy tells it. */
async function versionVariables(version: string, moduleFilePath: string): Promise<string[]> {
  const info = JSON.parse(await readFile(moduleFilePath.replace(/\.mod$/, ".info"), "utf8")) as {
    Time: string;
    Origin?: { Hash?: string };
  };
  const [major, minor] = version.split(".");
  const values: Record<string, string | undefined> = {
    gitVersion: `v${version}`,
    gitMajor: major,
    gitMinor: minor,
    gitCommit: info.Origin?.Hash,
    gitTreeState: "archive",
    buildDate: info.Time,
  };
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
    Object.entries(values).flatMap(([key, value]) => (value ? [`${path}.${key}=${value}`] : [])),
  );
}
