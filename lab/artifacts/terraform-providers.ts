import { copyFile, link, mkdir, readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { cached } from "../cache";
import { architecture } from "./architecture";
import type { Made, Result } from "./artifact";
import { obtain } from "./artifact";
import type { Log } from "./command";
import { command } from "./command";
import { goBuild, goSettings, goVersion } from "./go-build";
import { reachable } from "./reachable";
import { contentsOf, exists, keyOf, place, workFolder, writeWhole } from "./record";

interface Provider {
  readonly name: string;
  readonly version: string;
  /** How to build it on a machine that neither reaches a registry nor has a mirror. */
  readonly build?: {
    readonly folder: string;
    readonly package: string;
    readonly variables?: readonly string[];
    /** What it is not, where it is not the provider itself. */
    readonly standIn?: string;
  };
}

const providersFolder = join(__dirname, "..", "providers");

const providers: readonly Provider[] = [
  { name: "aws", version: "5.100.0" },
  {
    name: "tls",
    version: "4.1.0",
    build: {
      folder: join(providersFolder, "tls"),
      package: "github.com/hashicorp/terraform-provider-tls",
    },
  },
  {
    name: "null",
    version: "3.2.4",
    build: {
      folder: join(providersFolder, "null"),
      package: ".",
      variables: ["main.version=3.2.4"],
      standIn: "stand-in of this repository",
    },
  },
];

const registry = "registry.terraform.io";
/** Providers run where Terraform does, which may be a Mac that only plans. Node and Go agree on these systems' names. */
const platform = `${process.platform}_${architecture}`;
const pluginsFolder = "terraform-plugins";

/** Where machines keep filesystem mirrors of providers. */
const mirrorFolders: readonly string[] = [
  ...(process.env.TF_PLUGIN_MIRROR ? [process.env.TF_PLUGIN_MIRROR] : []),
  ...(process.env.TF_PLUGIN_CACHE_DIR ? [process.env.TF_PLUGIN_CACHE_DIR] : []),
  join(homedir(), ".terraform.d", "plugins"),
  join(homedir(), ".local", "share", "terraform", "plugins"),
  "/opt/tf-plugins",
  "/opt/terraform/plugins",
  "/usr/share/terraform/plugins",
  "/usr/local/share/terraform/plugins",
];

export interface TerraformProviders {
  readonly results: readonly Result[];
  /** The file for TF_CLI_CONFIG_FILE. */
  readonly configurationFile: string;
  readonly providers: readonly { name: string; version: string; source: string }[];
}

/** Fills a filesystem mirror with the providers that the stacks pin, and writes Terraform's configuration for it. */
export async function terraformProviders(log: Log): Promise<TerraformProviders> {
  const results: Result[] = [];
  const made: { name: string; version: string; source: string }[] = [];
  const go = await goVersion();
  for (const provider of providers) {
    const { name, version } = provider;
    const result = await obtain(
      {
        name: `terraform provider ${name}`,
        version,
        keys: {
          downloaded: keyOf(name, version, platform),
          copied: keyOf(name, version, platform),
          ...(provider.build
            ? {
                built: keyOf(
                  name,
                  version,
                  platform,
                  provider.build.variables,
                  await contentsOf(provider.build.folder),
                  go,
                  goSettings,
                ),
              }
            : {}),
        },
        make: (say) => make(provider, say),
      },
      log,
    );
    results.push(result);
    made.push({ name, version, source: sourceText(result) });
  }
  const configurationFile = cached("terraform.rc");
  const configuration = `disable_checkpoint = true

provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(cached(pluginsFolder))}
    include = ["${registry}/*/*"]
  }
}
`;
  await writeWhole(configurationFile, configuration);
  return { results, configurationFile, providers: made };
}

function sourceText({ record }: Result): string {
  if (record.standIn) return "stand-in";
  if (record.source === "built") return "built from source";
  return record.source === "copied" ? "filesystem mirror" : "registry";
}

async function make(provider: Provider, log: Log): Promise<Made> {
  const ready = (await fromRegistry(provider, log)) ?? (await fromMirror(provider, log));
  if (ready) return ready;
  if (provider.build) return build(provider, provider.build, log);
  throw new Error(
    `terraform provider ${provider.name} ${provider.version}: https://${registry} cannot be reached and none of ` +
      `${mirrorFolders.join(", ")} has it; put it below one of them or allow the registry`,
  );
}

async function fromRegistry({ name, version }: Provider, log: Log): Promise<Made | undefined> {
  if (!(await reachable(`https://${registry}/.well-known/terraform.json`))) return undefined;
  const folder = await workFolder(`provider-${name}`);
  const requirement = { source: `hashicorp/${name}`, version };
  const stack = { terraform: { required_providers: { [name]: requirement } } };
  await writeWhole(join(folder, "main.tf.json"), JSON.stringify(stack));
  const target = join(folder, "mirror");
  try {
    await command("terraform", [`-chdir=${folder}`, "providers", "mirror", `-platform=${platform}`, target], { log });
  } catch {
    // Terraform has said why; a mirror of this machine or the source may still have it.
    return undefined;
  }
  // The packages alone: the index files list one provider's versions, and a mirror of plain folders needs none.
  const archive = `terraform-provider-${name}_${version}_${platform}.zip`;
  const path = join(pluginsFolder, registry, "hashicorp", name, archive);
  await place(join(target, registry, "hashicorp", name, archive), cached(path));
  return { source: "downloaded", paths: [path] };
}

async function fromMirror({ name, version }: Provider, log: Log): Promise<Made | undefined> {
  for (const root of mirrorFolders) {
    if (resolve(root) === resolve(cached(pluginsFolder))) continue;
    const packed = join(root, registry, "hashicorp", name, `terraform-provider-${name}_${version}_${platform}.zip`);
    const unpacked = join(root, registry, "hashicorp", name, version, platform);
    const found = (await exists(packed)) ? [packed] : await files(unpacked);
    if (found.length === 0) continue;
    log(`taken from ${root}`);
    const paths: string[] = [];
    for (const file of found) {
      const path = join(pluginsFolder, relative(root, file));
      await linkOrCopy(file, cached(path));
      paths.push(path);
    }
    return { source: "copied", paths };
  }
  return undefined;
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(folder, entry.name));
}

/** A hard link costs nothing for a provider of 700 MB; another disk needs a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const folder = await workFolder("provider-file");
  const neighbour = join(folder, "file");
  await link(from, neighbour).catch(() => copyFile(from, neighbour));
  if (!(await stat(neighbour)).isFile()) throw new Error(`${from} is not a file`);
  await place(neighbour, to);
}

async function build(provider: Provider, how: NonNullable<Provider["build"]>, log: Log): Promise<Made> {
  const { name, version } = provider;
  log(`building ${how.standIn ? `the ${how.standIn}` : "it from its published source"}`);
  const outputFolder = await workFolder(`provider-${name}`);
  await mkdir(outputFolder, { recursive: true });
  await goBuild(
    {
      folder: how.folder,
      packages: [how.package],
      outputFolder,
      system: process.platform,
      ...(how.variables ? { variables: how.variables } : {}),
    },
    log,
  );
  const path = join(
    pluginsFolder,
    registry,
    "hashicorp",
    name,
    version,
    platform,
    `terraform-provider-${name}_v${version}_x5`,
  );
  await place(join(outputFolder, `terraform-provider-${name}`), cached(path));
  return { source: "built", ...(how.standIn ? { standIn: how.standIn } : {}), paths: [path] };
}
