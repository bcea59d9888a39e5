import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { modules } from "../../support/modules";
import { initialised, type Terraform } from "../../support/terraform";

// With depends_on on the call Terraform asks AWS for nothing of the module before the other is made: what is made of answers
// has to be known without them. VPC endpoints are most of it.
const scratch = mkdtempSync(join(tmpdir(), "module-endpoints-"));
const KINDS = ["hard-way", "eks"];
let api: AwsApi;
let terraform: Terraform;
let targets: string[];

beforeAll(async () => {
  for (const kind of KINDS) {
    const config = join(scratch, `${kind}.yaml`);
    const private_ = kind === "hard-way" ? "  topology: private\n  nat: single\n" : "";
    writeFileSync(config, `kind: ${kind}\ncluster:\n  vpcEndpoints: { features: [eks, logs, ssm] }\n${private_}`);
    await modules("--config", config, "--out", join(scratch, "modules", kind));
  }
  api = await awsApi();
  const root = join(scratch, "root");
  mkdirSync(root);
  writeFileSync(
    join(root, "main.tf"),
    `provider "aws" {
  region = "us-east-1"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

module "hard_way" {
  source       = "../modules/hard-way"
  cluster_name = "blue"
  admin_cidrs  = ["198.51.100.0/24"]
  depends_on   = [aws_sns_topic.alarms]
}

module "eks" {
  source       = "../modules/eks"
  cluster_name = "managed"
  depends_on   = [aws_sns_topic.alarms]
}
`,
  );
  terraform = await initialised(root, { AWS_ENDPOINT_URL: api.url });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("a call with depends_on plans the endpoints of both kinds of cluster (FT-01, FT-90)", async () => {
  const planned = (await terraform.plan()).resource_changes.filter(({ mode }) => mode === "managed");
  const endpoints = (call: string): number =>
    planned.filter(({ address, type }) => address.startsWith(call) && type === "aws_vpc_endpoint").length;

  expect([endpoints("module.hard_way."), endpoints("module.eks.")]).toEqual([11, 11]);
  // With all that they need; whole clusters of modules are made elsewhere.
  targets = planned.filter(({ type }) => type === "aws_vpc_endpoint").map(({ address }) => `-target=${address}`);
}, 300_000);

test("AWS takes them, and then has nothing left to change (FT-01, FT-90)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
}, 900_000);

test("and gives them back (FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
}, 900_000);
