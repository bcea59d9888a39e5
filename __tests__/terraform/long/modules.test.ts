import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { modules } from "../../support/modules";
import { initialised, type Terraform } from "../../support/terraform";

// The modules as a Terraform team calls them: from HCL, twice in one configuration, with every meta-argument of a call.
const scratch = mkdtempSync(join(tmpdir(), "modules-"));
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
