import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import type { Terraform } from "../../lab/terraform/terraform";
import { nothingIsLeft } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";
import { modules } from "../support/modules";

// A generated module as a team has it that knows no TypeScript: called from HCL, applied until its node is Ready.
const cluster = new Cluster("module", testsFolder);
const minutes = (count: number): number => count * 60_000;
const CONFIGURATION = `kind: hard-way
cluster:
  controlPlane: { count: 1 }
  workers: { count: 1 }
`;
/** What the lab tells a root of ours too, passed on. */
const GIVEN = {
  admin_cidrs: "list(string)",
  download_mirror: "string",
  image_mirror: "string",
  package_mirror: "string",
  checksums: "map(string)",
};
const OUTPUTS = ["machines", "kubeconfig", "ssh_user", "ssh_known_hosts", "ssh_private_key"];
const ROOT = `terraform {
  backend "local" {}
}

provider "aws" {
  region = var.region
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

module "cluster" {
  source       = "../modules/hard-way"
  for_each     = toset(["blue"])
  cluster_name = each.key
${Object.keys(GIVEN)
  .map((name) => `  ${name} = var.${name}`)
  .join("\n")}
  depends_on   = [aws_sns_topic.alarms]
}

variable "region" {
  type = string
}
${Object.entries(GIVEN)
  .map(([name, type]) => `variable "${name}" {\n  type = ${type}\n}`)
  .join("\n")}
${OUTPUTS.map((name) => `output "${name}" {\n  value     = module.cluster["blue"].${name}\n  sensitive = true\n}`).join("\n")}
`;

let artifacts: Artifacts;
let terraform: Terraform;

beforeAll(async () => {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab();
  mkdirSync(cluster.folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(testsFolder, "cluster.yaml"), CONFIGURATION);
  await modules("--config", join(testsFolder, "cluster.yaml"), "--out", join(testsFolder, "modules", "hard-way"));
  writeFileSync(join(cluster.folder, "main.tf"), ROOT);
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}, minutes(45));

afterAll(endOwnLab, minutes(2));

test(
  "an apply of a root in HCL ends when the module's node is Ready (FT-01, FT-49)",
  async () => {
    await terraform.apply(() => undefined);
    await cluster.saveAccess(terraform, artifacts);

    const nodes = capture(cluster.kubectlCommand(artifacts.kubectl, ["get", "nodes", "--no-headers"])).stdout;
    expect(nodes).toMatch(/^worker-0 +Ready .*\n$/);
  },
  minutes(12),
);

test("every resource lies in the module, but the one that it waits for (FT-01)", async () => {
  const resources = await terraform.state();

  expect(resources.filter((address) => !address.startsWith('module.cluster["blue"].'))).toEqual([
    "aws_sns_topic.alarms",
  ]);
  expect(resources.filter((address) => address.includes(".aws_instance."))).toHaveLength(2);
});

test(
  "a second plan is empty (FT-01, FT-49)",
  async () => {
    expect((await terraform.plan()).output).toContain("No changes.");
  },
  minutes(2),
);

test(
  "destroy leaves nothing (FT-59)",
  async () => {
    await terraform.destroy(() => undefined);

    expect(await terraform.state()).toEqual([]);
    await nothingIsLeft();
  },
  minutes(5),
);
