import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../support/aws-api";
import { modules } from "../support/modules";
import { page } from "../support/page";
import { initialised, type Terraform } from "../support/terraform";

// The modules as a Terraform team calls them: from HCL, twice in one configuration, with every meta-argument of a call.
const REPOSITORY = join(__dirname, "..", "..");
jest.setTimeout(180_000);
const scratch = mkdtempSync(join(tmpdir(), "modules-"));
const read = (path: string): string => readFileSync(join(scratch, "modules", path), "utf8");
const CLUSTERS = ["blue", "green"];
let api: AwsApi;
let terraform: Terraform;
let targets: string[];

beforeAll(async () => {
  await modules(join(scratch, "modules"));
  api = await awsApi();
  const root = join(scratch, "root");
  mkdirSync(root);
  writeFileSync(
    join(root, "main.tf"),
    `provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "europe"
  region = "eu-west-1"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

module "clusters" {
  source       = "../modules/hard-way"
  for_each     = toset(${JSON.stringify(CLUSTERS)})
  cluster_name = each.key
  admin_cidrs  = ["198.51.100.0/24"]
  providers = {
    aws = aws.europe
  }
  depends_on = [aws_sns_topic.alarms]
}

module "eks" {
  source       = "../modules/eks"
  count        = 1
  cluster_name = "managed"
}

output "endpoints" {
  value = { for name, cluster in module.clusters : name => cluster.endpoint }
}
`,
  );
  terraform = await initialised(root, { AWS_ENDPOINT_URL: api.url });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test.each(["hard-way", "eks"])("%s has the standard structure, and neither backend nor provider (FT-01)", (name) => {
  expect(readdirSync(join(scratch, "modules", name)).sort()).toEqual([
    "README.md",
    "examples",
    "main.tf.json",
    "outputs.tf.json",
    "scripts",
    "variables.tf.json",
    "versions.tf.json",
  ]);
  expect(Object.keys(JSON.parse(read(`${name}/main.tf.json`)) as object).sort()).toEqual([
    "data",
    ...(name === "eks" ? ["ephemeral"] : []),
    "locals",
    "resource",
  ]);
  const { terraform: versions } = JSON.parse(read(`${name}/versions.tf.json`)) as { terraform: object };
  expect(Object.keys(versions)).toEqual(["required_version", "required_providers"]);
  expect(read(`${name}/versions.tf.json`)).toContain('"version": "~> 5.100"');
});

test.each(["hard-way", "eks"])(
  "%s is the same in every run, and names no path of this machine (FT-01)",
  async (name) => {
    await modules(join(scratch, "again"));

    expect(execFileSync("diff", ["-r", join(scratch, "modules", name), join(scratch, "again", name)]).toString()).toBe(
      "",
    );
    for (const path of [REPOSITORY, scratch, "assets/"])
      for (const file of ["main", "variables", "outputs"]) expect(read(`${name}/${file}.tf.json`)).not.toContain(path);
  },
);

test.each(["hard-way", "eks"])("the example of %s is valid HCL as it stands (FT-01)", async (name) => {
  const example = await initialised(join(scratch, "modules", name, "examples", "basic"));

  expect(await example.succeed("validate", "-no-color")).toContain("Success!");
  expect(await example.succeed("fmt", "-check", "-no-color")).toBe("");
});

const examples = [...page("modules.md").matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text]) => text!);
const kindOf = (text: string): string => /^kind: (.*)$/m.exec(text)![1]!;

test.each(examples.map((text) => [kindOf(text), text]))(
  "the file of docs/modules.md for %s becomes a module whose example is valid (FT-01)",
  async (kind, text) => {
    const [config, out] = [join(scratch, `${kind}.yaml`), join(scratch, "of-file", kind)];
    writeFileSync(config, text);

    expect(await modules("--config", config, "--out", out)).toBe(`wrote ${kind}\n`);

    const example = await initialised(join(out, "examples", "basic"));
    expect(await example.succeed("validate", "-no-color")).toContain("Success!");
  },
);

test("what a file asks against the rules is told, and the folder is left as it was (FT-01, FT-97)", async () => {
  const [config, out] = [join(scratch, "bad.yaml"), join(scratch, "modules", "eks")];
  writeFileSync(config, "kind: hard-way\ncluster:\n  controlPlane: { count: 2 }\n  podCidr: 10.32.0.0/16\n");
  const before = readdirSync(out, { recursive: true });

  await expect(modules("--config", config, "--out", out)).rejects.toThrow(
    /error: hard-way cluster 'cluster' has 2 problems:\n {2}- podCidr and serviceCidr .*\n {2}- controlPlane.count 2 must be 1, 3, 5 or 7/,
  );
  expect(readdirSync(out, { recursive: true })).toEqual(before);
});

test("a call is told what a bad value has to be (FT-01)", async () => {
  const root = join(scratch, "bad");
  mkdirSync(root);
  writeFileSync(
    join(root, "main.tf"),
    'module "cluster" {\n  source = "../modules/hard-way"\n  cluster_name = "sg-"\n  admin_cidrs = []\n}\n',
  );
  const bad = await initialised(root);

  const said = (await bad.complaints()).map(({ detail }) => detail.split("\n")[0]).join("\n");

  expect(said).toContain("cluster_name must be 1 to 20 lower-case letters");
  expect(said).toContain("admin_cidrs must name at least one IPv4 CIDR");
});

test("two calls by for_each, with an aliased provider and depends_on, plan whole clusters (FT-01, FT-03)", async () => {
  const planned = (await terraform.plan()).resource_changes.filter(({ mode }) => mode === "managed");
  const count = (call: string): number => planned.filter(({ address }) => address.startsWith(call)).length;

  expect(count('module.clusters["blue"].')).toBeGreaterThan(100);
  expect(count('module.clusters["green"].')).toBe(count('module.clusters["blue"].'));
  expect(count("module.eks[0].")).toBeGreaterThan(30);
  targets = planned
    .filter(({ address, type }) => /^(module\.clusters|aws_sns)/.test(address) && /^(aws|tls)_/.test(type))
    .map(({ address }) => `-target=${address}`);
}, 300_000);

test("AWS takes both, in the region of the alias, and then has nothing left to change (FT-01, FT-03)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
  for (const name of CLUSTERS)
    expect(await terraform.succeed("show", "-no-color")).toMatch(
      new RegExp(`dns_name += "${name}-api-\\w+\\.elb\\.eu-west-1`),
    );
}, 900_000);

test("and gives both back (FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
}, 900_000);
