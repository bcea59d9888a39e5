import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { planOf } from "../report/plan";
import { Stack as Synthesised } from "../report/stack";
import { topologyOf } from "../report/topology";

type Block = Record<string, unknown>;
interface Stack {
  readonly terraform: {
    readonly required_version?: string;
    readonly required_providers: Readonly<Record<string, { source: string; version: string }>>;
  };
  readonly variable: Readonly<Record<string, { type: string; description: string; default?: unknown }>>;
  readonly output: Readonly<Record<string, { sensitive?: boolean }>>;
  readonly resource: Readonly<Record<string, Block>>;
}

/** Terraform 1.9 is the first whose validations may speak of anything but the variable itself. */
const REQUIRED_TERRAFORM = ">= 1.9";

/**
 * Writes a synthesised stack as a module of the standard structure: main, variables, outputs and versions, the scripts
 * beside them, a README with a drawing, and an example. It has neither backend nor provider, so that every meta-argument works on the call.
 * What `folder` held before is gone, but nothing else is touched.
 */
export function writeModule(name: string, stackFolder: string, folder: string): void {
  const text = readFileSync(join(stackFolder, "cdk.tf.json"), "utf8")
    // A hash in a path would show in every diff.
    .replaceAll(/\$\{path\.module\}\/assets\/scripts-([a-z-]+)\/[0-9A-Fa-f]+\//g, "${path.module}/scripts/$1/");
  const { terraform, variable, output, ...main } = withoutComments(JSON.parse(text)) as Stack & Block;
  delete main["provider"];

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const write = (file: string, content: unknown): void =>
    writeFileSync(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  write("main.tf.json", main);
  write("variables.tf.json", { variable });
  write("outputs.tf.json", { output });
  write("versions.tf.json", {
    terraform: {
      required_version: terraform.required_version ?? REQUIRED_TERRAFORM,
      required_providers: ranges(terraform.required_providers),
    },
  });
  copyScripts(join(stackFolder, "assets"), join(folder, "scripts"));
  const synthesised = new Synthesised(name, join(stackFolder, "cdk.tf.json"));
  writeFileSync(join(folder, "topology.svg"), `${topologyOf(planOf(synthesised), synthesised)}\n`);
  writeFileSync(join(folder, "README.md"), readme(name, { terraform, variable, output, resource: main.resource }));
  mkdirSync(join(folder, "examples", "basic"), { recursive: true });
  writeFileSync(join(folder, "examples", "basic", "main.tf"), example(variable));
}

/** CDKTF writes the path of its construct beside everything. */
function withoutComments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, inner]) => [key, withoutComments(inner)]),
  );
}

/** CDKTF pins the one version that its bindings were made of, which would bind every caller. */
function ranges(providers: Stack["terraform"]["required_providers"]): Stack["terraform"]["required_providers"] {
  return Object.fromEntries(
    Object.entries(providers).map(([name, { source, version }]) => {
      const [major, minor] = version.split(".");
      return [name, { source: source.includes("/") ? source : `hashicorp/${source}`, version: `~> ${major}.${minor}` }];
    }),
  );
}

function copyScripts(assets: string, scripts: string): void {
  if (!existsSync(assets)) return;
  for (const asset of readdirSync(assets).sort()) {
    const [hash] = readdirSync(join(assets, asset));
    cpSync(join(assets, asset, hash!), join(scripts, asset.replace(/^scripts-/, "")), { recursive: true });
  }
}

function readme(name: string, { variable, output, resource }: Stack): string {
  const code = (text: string): string => `\`${text}\``;
  const inputs = Object.entries(variable).map(([input, { type, description, default: value }]) => {
    const shown = value === undefined ? "none: it has to be given" : code(short(JSON.stringify(value)));
    return `| ${code(input)} | ${code(type)} | ${shown} | ${description} |`;
  });
  const outputs = Object.entries(output).map(
    ([made, { sensitive }]) => `| ${code(made)} | ${sensitive === true ? "yes" : "no"} |`,
  );
  const made = Object.entries(resource).map(([type, all]) => `| ${code(type)} | ${Object.keys(all).length} |`);
  return `${[
    `# ${name}`,
    "",
    "Generated: change the source and generate again. Providers and backend are the caller's; `examples/basic` calls it.",
    "",
    "![what stands where](topology.svg)",
    "",
    "## Inputs",
    "",
    "| Name | Type | Default | Meaning |",
    "|---|---|---|---|",
    ...inputs.sort(),
    "",
    "## Outputs",
    "",
    "| Name | Sensitive |",
    "|---|---|",
    ...outputs.sort(),
    "",
    "## Resources",
    "",
    "| Type | How many |",
    "|---|---|",
    ...made.sort(),
  ].join("\n")}\n`;
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

function example(variable: Stack["variable"]): string {
  const given = Object.entries(variable).filter(([, { default: value }]) => value === undefined);
  const width = Math.max("source".length, ...given.map(([input]) => input.length));
  const line = (input: string, value: string): string => `  ${input.padEnd(width)} = ${value}\n`;
  return `provider "aws" {
  region = "eu-west-1"
}

module "cluster" {
${line("source", '"../.."')}${given.map(([input]) => line(input, EXAMPLES[input] ?? '"…"')).join("")}}
`;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  cluster_name: '"prod"',
  admin_cidrs: '["192.0.2.0/24"]',
  proxy_url: '"http://proxy.corp.example:3128"',
  proxy_user: '"kubernetes"',
  ssh_bastion_host: '"bastion.corp.example"',
  ssh_bastion_user: '"ec2-user"',
  ssh_bastion_host_keys: '["ssh-ed25519 AAAA"]',
  ssh_bastion_cidr: '"10.1.2.4/32"',
};
