import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubectl as kubectlOf } from "../../../lab/artifacts/release-files";
import type { ExistingNetworkSettings } from "../../../constructs";
import { release } from "../../../lab/artifacts/versions";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { corporateNetwork } from "../../support/corporate-network";
import { moduleRoot } from "../../support/module-root";
import { modules } from "../../support/modules";
import { initialised, type Terraform } from "../../support/terraform";

// The modules as a Terraform team calls them: from HCL, in one configuration, each twice, with every meta-argument of a call.
const scratch = mkdtempSync(join(tmpdir(), "modules-"));
const [CLUSTERS, EKS] = [
  ["blue", "green"],
  ["managed", "other"],
];
let api: AwsApi;
let terraform: Terraform;
let targets: string[];

/** A kubectl that stands for the API of each cluster of EKS, apart from the others. */
function kubectlInPlaceOfApis(): string {
  const [folder, file] = [join(scratch, "bin"), join(scratch, "bin", "kubectl")];
  mkdirSync(folder);
  const stand = join(__dirname, "..", "commands", "kubectl");
  writeFileSync(
    file,
    `#!/usr/bin/env bash
server=none
for argument in "$@"; do
  [[ $argument != --kubeconfig=* ]] || server=$(grep -o 'https://[^"]*' "\${argument#*=}" | tr -dc 'A-Za-z0-9')
done
export KUBECTL_STATE="${scratch}/apis/$server"
mkdir -p "$KUBECTL_STATE"
exec ${stand} "$@"
`,
  );
  chmodSync(file, 0o755);
  return folder;
}

beforeAll(async () => {
  const real = await kubectlOf(release, (line) => void process.stderr.write(`${line}\n`));
  api = await awsApi();
  const network = async (name: string, octet: number): Promise<ExistingNetworkSettings> =>
    (await corporateNetwork(join(scratch, name), { AWS_ENDPOINT_URL: api.url }, { octet })).network;
  const networks = { corp: await network("corporate", 20), branch: await network("branch", 21) };
  writeFileSync(join(scratch, "network.json"), JSON.stringify(networks.corp));
  await modules({ HYBRID_NETWORK: join(scratch, "network.json") }, join(scratch, "modules"));
  moduleRoot(join(scratch, "root"), { clusters: CLUSTERS, eks: EKS, hybrid: networks });
  terraform = await initialised(join(scratch, "root"), {
    AWS_ENDPOINT_URL: api.url,
    PATH: `${kubectlInPlaceOfApis()}:${process.env["PATH"]}`,
    KUBECTL_REAL: real,
  });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("calls by for_each and count, with an aliased provider and depends_on, plan whole clusters (FT-01, FT-03)", async () => {
  const planned = (await terraform.plan()).resource_changes.filter(({ mode }) => mode === "managed");
  const count = (call: string): number => planned.filter(({ address }) => address.startsWith(call)).length;

  expect(count('module.clusters["blue"].')).toBeGreaterThan(100);
  expect(count('module.clusters["green"].')).toBe(count('module.clusters["blue"].'));
  expect(count("module.eks[0].")).toBeGreaterThan(30);
  expect(count("module.eks[1].")).toBe(count("module.eks[0]."));
  expect(count('module.hybrid["corp"].')).toBeGreaterThan(100);
  expect(count('module.hybrid["branch"].')).toBe(count('module.hybrid["corp"].'));
  // Each at the same numbers of its own subnets, whose blocks are variables.
  const addressOf = (name: string): unknown =>
    planned.find(({ address }) => address.startsWith(`module.hybrid["${name}"].aws_instance.cluster_control-plane_0`))
      ?.change.after?.["private_ip"];
  expect([addressOf("corp"), addressOf("branch")]).toEqual(["172.20.0.10", "172.21.0.10"]);
  // All but the stages, which need machines.
  targets = planned
    .filter(({ address, type }) => type !== "null_resource" || address.startsWith("module.eks["))
    .map(({ address }) => `-target=${address}`);
}, 300_000);

test("AWS takes all of them, in the region of the alias, and then has nothing left to change (FT-01, FT-03)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
  const made = await terraform.succeed("show", "-no-color");
  for (const name of [...CLUSTERS, "corp", "branch"])
    expect(made).toMatch(new RegExp(`dns_name += "(internal-)?${name}-api-\\w+\\.elb\\.eu-west-1`));
  for (const name of EKS) expect(made).toMatch(new RegExp(`arn:aws:eks:eu-west-1:\\d+:cluster/${name}"`));
}, 900_000);

test("and gives them back (FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
}, 900_000);
