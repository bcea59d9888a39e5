import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { cluster } from "../../support/hard-way";
import { addProviders, synthInto } from "../../support/synth";
import { initialised, type Plan, type Terraform } from "../../support/terraform";

// Everything of AWS that a cluster of several zones, pools, NAT gateways and a bastion has, made in the emulator.
const scratch = mkdtempSync(join(tmpdir(), "zones-"));
let api: AwsApi;
let terraform: Terraform;
let targets: string[];

beforeAll(async () => {
  api = await awsApi();
  const folder = synthInto(join(scratch, "zones"), (stack) => {
    addProviders(stack);
    cluster(stack, {
      topology: "private",
      availabilityZones: 3,
      networkCidr: "10.240.0.0/22",
      nat: "per-zone",
      apiExposure: "internet",
      bastion: {},
      controlPlane: { count: 3 },
      workers: { count: 3, labels: { tier: "general" } },
      workerPools: { edge: { count: 2, firstHost: 60, taints: [{ key: "dedicated", effect: "NoSchedule" }] } },
    });
  });
  terraform = await initialised(folder, { AWS_ENDPOINT_URL: api.url });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

describe("a plan", () => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await terraform.plan();
    targets = plan.resource_changes
      .filter(({ mode, type }) => mode === "managed" && type.startsWith("aws_"))
      .map(({ address }) => `-target=${address}`);
  }, 240_000);
  const after = (address: RegExp): Record<string, unknown>[] =>
    plan.resource_changes
      .filter((resource) => resource.mode === "managed" && address.test(resource.address))
      .map(({ change }) => change.after as Record<string, unknown>);

  test("has a private and a public subnet in each of three zones (FT-05, F-28)", () => {
    const found = after(/^aws_subnet\./).map(({ availability_zone, cidr_block }) => [cidr_block, availability_zone]);

    expect(Object.fromEntries(found)).toEqual({
      "10.240.0.0/25": "eu-west-1a",
      "10.240.0.128/25": "eu-west-1b",
      "10.240.1.0/25": "eu-west-1c",
      "10.240.2.0/25": "eu-west-1a",
      "10.240.2.128/25": "eu-west-1b",
      "10.240.3.0/25": "eu-west-1c",
    });
  });

  test("has four tables, and five pod routes in each (FT-53, F-28)", () => {
    const counts = ["aws_route_table", "aws_route_table_association", "aws_nat_gateway", "aws_eip", "aws_route"].map(
      (type) => after(new RegExp(`^${type}\\.`)).length,
    );

    expect(counts).toEqual([4, 6, 3, 3, 4 * 5 + 3 + 1]);
  });
});

test("a pool of a type that one of its zones lacks is refused at plan (F-28, F-03)", async () => {
  const folder = synthInto(join(scratch, "lacking"), (stack) => {
    addProviders(stack);
    cluster(stack, {
      availabilityZones: ["eu-west-1a", "eu-west-1b"],
      workerPools: { storage: { count: 2, firstHost: 60, instanceType: "h1.2xlarge" } },
    });
  });
  const lacking = await initialised(folder, { AWS_ENDPOINT_URL: api.url });

  expect((await lacking.complaints()).map(({ detail }) => detail)).toEqual([
    "storage: h1.2xlarge must be offered in every zone of its machines, and is not in eu-west-1b; choose another type.",
  ]);
}, 240_000);

test("AWS takes all of it, and then has nothing left to change (FT-05, FT-06, FT-07, FT-13, FT-53)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
}, 600_000);

test("AWS gives all of it back (FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
}, 600_000);
