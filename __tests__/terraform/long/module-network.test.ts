import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { CORPORATE } from "../../support/hybrid";
import { rootOfEach } from "../../support/module-root";
import { modules } from "../../support/modules";
import { initialised, type Terraform } from "../../support/terraform";

// One root that makes a private network and calls each module, that of a hybrid cluster in this network: nothing of it is
// known when it is planned but blocks and zones. modules.test.ts applies whole clusters.
const scratch = mkdtempSync(join(tmpdir(), "module-network-"));
// What AWS makes at once: load balancers and machines keep Terraform waiting.
const AT_ONCE = /^aws_(vpc|subnet|internet_gateway|route_table|security_group|iam_role)(_|$)/;
let api: AwsApi;
let root: Terraform;
let targets: string[];

beforeAll(async () => {
  writeFileSync(join(scratch, "network.json"), JSON.stringify(CORPORATE));
  await modules({ HYBRID_NETWORK: join(scratch, "network.json") }, join(scratch, "modules"));
  api = await awsApi();
  rootOfEach(join(scratch, "root"));
  root = await initialised(join(scratch, "root"), { AWS_ENDPOINT_URL: api.url });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("AWS takes networks, firewalls and roles of all three, and has nothing left to change (FT-01, FT-49)", async () => {
  const planned = (await root.plan()).resource_changes.filter(({ mode }) => mode === "managed");
  targets = planned.filter(({ type }) => AT_ONCE.test(type)).map(({ address }) => `-target=${address}`);
  for (const call of ["module.hard_way", "module.eks", "module.hybrid"])
    expect(targets.filter((target) => target.startsWith(`-target=${call}`)).length).toBeGreaterThan(5);

  await root.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await root.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
}, 600_000);

test("and gives them back (FT-59)", async () => {
  await root.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await root.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
}, 300_000);
