import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../support/aws-api";
import { cluster } from "../support/hard-way";
import { synthMain } from "../support/main-stack";
import { addProviders, synthInto } from "../support/synth";
import { initialised, type Plan, type Terraform } from "../support/terraform";

const VALUES = ["-var=region=us-east-1", '-var=admin_cidrs=["198.51.100.0/24"]'];
const scratch = mkdtempSync(join(tmpdir(), "hard-way-"));
let api: AwsApi;
let terraform: Terraform;

beforeAll(async () => {
  api = await awsApi();
  terraform = await initialised(await synthMain(join(scratch, "main")), { AWS_ENDPOINT_URL: api.url });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("validates, without an error or a warning (FT-02)", async () => {
  const { valid, diagnostics } = JSON.parse((await terraform.run("validate", "-json")).stdout) as {
    valid: boolean;
    diagnostics: unknown[];
  };

  expect([valid, diagnostics]).toEqual([true, []]);
}, 120_000);

test("its graph has no cycle (FT-49)", async () => {
  const { status, stderr } = await terraform.run("graph", "-type=plan", "-draw-cycles");

  expect([status, stderr]).toEqual([0, ""]);
}, 120_000);

test("rejects a bad value before it asks AWS anything (FT-02)", async () => {
  const found = await terraform.complaints(VALUES[0]!, "-var=admin_cidrs=[]");

  expect(found.map(({ detail }) => detail.split("\n")[0])).toContain(
    "admin_cidrs must name at least one IPv4 CIDR, without host bits, from which people reach SSH and the API; write your office's or VPN's block, or your own address with /32.",
  );
}, 120_000);

describe("a plan", () => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await terraform.plan(
      ...VALUES,
      "-var=download_mirror=http://mirror.example.com/",
      `-var=checksums={"github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz":"${"0f".repeat(32)}"}`,
    );
  }, 180_000);
  const planned = (address: RegExp): Plan["resource_changes"] =>
    plan.resource_changes.filter((resource) => resource.mode === "managed" && address.test(resource.address));
  const after = (address: RegExp): Record<string, unknown>[] =>
    planned(address).map(({ change }) => change.after as Record<string, unknown>);

  test("makes everything, once (FT-02, FT-49)", () => {
    const counts = new Map<string, number>();
    for (const { type } of planned(/./)) counts.set(type, (counts.get(type) ?? 0) + 1);

    expect(Object.fromEntries([...counts].sort())).toEqual({
      aws_default_security_group: 1,
      aws_iam_instance_profile: 2,
      aws_iam_role: 2,
      aws_instance: 6,
      aws_internet_gateway: 1,
      aws_key_pair: 1,
      aws_lb: 1,
      aws_lb_listener: 1,
      aws_lb_target_group: 1,
      aws_lb_target_group_attachment: 3,
      aws_main_route_table_association: 1,
      aws_route: 4,
      aws_route_table: 1,
      aws_route_table_association: 1,
      aws_security_group: 3,
      aws_subnet: 1,
      aws_vpc: 1,
      aws_vpc_security_group_egress_rule: 3,
      aws_vpc_security_group_ingress_rule: 15,
      null_resource: 24,
      tls_cert_request: 14,
      tls_locally_signed_cert: 14,
      tls_private_key: 32,
      tls_self_signed_cert: 3,
    });
  });

  test("changes and destroys nothing", () => {
    expect(new Set(planned(/./).map(({ change }) => change.actions.join()))).toEqual(new Set(["create"]));
  });

  test("finds the newest Debian image (FT-17)", () => {
    expect(new Set(after(/^aws_instance\./).map(({ ami }) => ami))).toEqual(new Set(["ami-0deb12a11111111a1"]));
  });

  test("has the machines of the guides (FT-14, FT-15, FT-16)", () => {
    const machines = after(/^aws_instance\./).map(({ private_ip, instance_type, source_dest_check }) => [
      private_ip,
      instance_type,
      source_dest_check,
    ]);

    expect(machines).toEqual([
      ["10.240.0.10", "t3.small", false],
      ["10.240.0.11", "t3.small", false],
      ["10.240.0.12", "t3.small", false],
      ["10.240.0.20", "t3.small", false],
      ["10.240.0.21", "t3.small", false],
      ["10.240.0.22", "t3.small", false],
    ]);
  });

  test("has one rule for each admin block, by its block (FT-09)", () => {
    const rules = planned(/security-groups_admin-/).map(({ address, change }) => [
      /\["(.*)"\]$/.exec(address)?.[1],
      change.after?.cidr_ipv4,
    ]);

    expect(rules).toEqual(Array(5).fill(["198.51.100.0/24", "198.51.100.0/24"]));
  });

  test("shows what etcd is told, with the mirror and the sum that were given (FT-42, FT-33)", () => {
    const [controller] = after(/stage-etcd_controller-0/);

    expect((controller!.triggers as { env: string }).env).toContain(`ETCD_VERSION='3.6.16'
ETCD_URL='http://mirror.example.com/github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz'
ETCD_SHA256='${"0f".repeat(32)}'
`);
  });

  test("without a mirror or a sum, etcd is fetched from its publisher (FT-42)", async () => {
    const { resource_changes: changes } = await terraform.plan(...VALUES);
    const controller = changes.find(({ address }) => address.includes("stage-etcd_controller-0"));

    expect((controller!.change.after!.triggers as { env: string }).env).toContain(
      `ETCD_URL='https://github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz'
ETCD_SHA256=''
`,
    );
  }, 180_000);
});

test("rejects a type that AWS says is too small, by its sentence, before a machine is made (FT-18, F-03)", async () => {
  const folder = synthInto(join(scratch, "small"), (stack) => {
    addProviders(stack);
    cluster(stack, { workers: { count: 1, instanceType: "t2.small" } });
  });
  const small = await initialised(folder, { AWS_ENDPOINT_URL: api.url });

  expect((await small.complaints()).map(({ detail }) => detail)).toEqual([
    "worker: t2.small must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves; use t3.small or larger.",
  ]);
}, 180_000);
