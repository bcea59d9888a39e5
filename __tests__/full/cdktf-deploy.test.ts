import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import { environment, operatorCommand } from "../../lab/lab";
import { projectFolder } from "../../lab/terraform/workspace";
import { nothingIsLeft } from "../lab/operator";
import { endOwnLab, startOwnLab } from "../lab/own-lab";

// The stack of main.ts by the cdktf command alone, as somebody has it who never calls Terraform.
const scratch = mkdtempSync(join(tmpdir(), "cdktf-deploy-"));
const cluster = new Cluster("hard-way", join(scratch, "stacks"));
const minutes = (count: number): number => count * 60_000;
const cli = ["npx", "--yes", "--ignore-scripts", "-p", "cdktf-cli@0.21.0"];

let artifacts: Artifacts;

/** A command of cdktf, on the operator's network: what it printed, when it ended well. */
function cdktf(...args: string[]): string {
  const values = {
    ...environment(),
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: artifacts.terraformCliConfig,
    TF_VAR_checksums: JSON.stringify(artifacts.checksums),
  };
  const given = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  // From npm's cache: the lab's internet has no registry.
  const [npx, ...options] = cli;
  const command = [npx!, "--offline", ...options, "cdktf", ...args, "--output", scratch];
  const inside = operatorCommand(["env", "-C", projectFolder, "-u", "CI", ...given, ...command]);
  const ended = capture(inside, { timeoutSeconds: 900 });
  const said = ended.stdout + ended.stderr;
  if (ended.status !== 0) throw new Error(`cdktf ${args[0]} ended with ${ended.status}:\n${said}`);
  return said;
}

beforeAll(async () => {
  const found = capture([...cli, "cdktf", "--version"], { timeoutSeconds: 300 });
  if (found.status !== 0) throw new Error(`cdktf-cli cannot be had: ${found.stderr}`);
  artifacts = await startOwnLab();
}, minutes(45));

afterAll(async () => {
  await endOwnLab();
  rmSync(scratch, { recursive: true, force: true });
}, minutes(2));

test(
  "cdktf deploy ends in a cluster whose nodes are Ready, and prints no key (FT-03, LD-14)",
  async () => {
    const said = cdktf("deploy", "hard-way", "--skip-provider-lock", "--auto-approve");
    await cluster.saveAccess(cluster.terraform(artifacts), artifacts);

    const nodes = capture(cluster.kubectlCommand(artifacts.kubectl, ["get", "nodes", "--no-headers"])).stdout;
    expect(
      nodes
        .trim()
        .split("\n")
        .map((line) => line.split(/ +/).slice(0, 2)),
    ).toEqual([
      ["worker-0", "Ready"],
      ["worker-1", "Ready"],
      ["worker-2", "Ready"],
    ]);
    expect(said).not.toMatch(/PRIVATE KEY|client-key-data/);
  },
  minutes(16),
);

test(
  "cdktf diff finds nothing to do afterwards (FT-03)",
  () => {
    expect(cdktf("diff", "hard-way", "--skip-provider-lock")).toContain("No changes.");
  },
  minutes(5),
);

test(
  "cdktf destroy takes everything away (FT-03, FT-59)",
  async () => {
    cdktf("destroy", "hard-way", "--skip-provider-lock", "--auto-approve");

    expect(await cluster.terraform(artifacts).state()).toEqual([]);
    await nothingIsLeft();
  },
  minutes(8),
);
