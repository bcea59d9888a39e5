import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { awsAnswers } from "../../support/aws-calls";
import { synthMain } from "../../support/main-stack";
import { initialised, type Terraform } from "../../support/terraform";

// What a pipeline that is cancelled leaves behind. Machines do not run here, so the bootstrap ends at its first connection.
const VALUES = ["-var=region=us-east-1", '-var=admin_cidrs=["198.51.100.0/24"]'];
const scratch = mkdtempSync(join(tmpdir(), "interrupted-"));
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

const KINDS = [
  ["ec2", "describe_instances", "Reservations"],
  ["ec2", "describe_vpcs", "Vpcs"],
  ["ec2", "describe_subnets", "Subnets"],
  ["ec2", "describe_security_groups", "SecurityGroups"],
  ["ec2", "describe_security_group_rules", "SecurityGroupRules"],
  ["ec2", "describe_route_tables", "RouteTables"],
  ["ec2", "describe_internet_gateways", "InternetGateways"],
  ["ec2", "describe_network_interfaces", "NetworkInterfaces"],
  ["ec2", "describe_addresses", "Addresses"],
  ["ec2", "describe_volumes", "Volumes"],
  ["ec2", "describe_key_pairs", "KeyPairs"],
  ["elbv2", "describe_load_balancers", "LoadBalancers"],
  ["elbv2", "describe_target_groups", "TargetGroups"],
  ["iam", "list_roles", "Roles"],
  ["iam", "list_instance_profiles", "InstanceProfiles"],
] as const;

/** How many there are of each kind of thing in the account; machines that are gone are none. */
async function account(): Promise<Record<string, number>> {
  const alive = { Filters: [{ Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] }] };
  const answers = await awsAnswers(
    api,
    "us-east-1",
    KINDS.map(([service, call]) => [service, call, call === "describe_instances" ? alive : {}]),
  );
  return Object.fromEntries(KINDS.map(([, , name], index) => [name, (answers[index]![name] as unknown[]).length]));
}

test.each([
  // With the first of them there: before that, a signal may come ahead of the call that makes it.
  ["while machines are being made", "SIGTERM", "apply_complete aws_instance", []],
  [
    "while a stage is being run",
    "SIGINT",
    "provision_start null_resource",
    ["null_resource.cluster_stage-etcd_controller-0"],
  ],
] as const)(
  "after an apply that was interrupted %s, destroy leaves nothing (FT-59)",
  async (_, signal, moment, targets) => {
    const before = await account();
    const all = (await terraform.plan(...VALUES)).resource_changes.map(({ address }) => address);
    const chosen = targets.map((part) => `-target=${all.find((address) => address.startsWith(part))}`);

    const { status, said } = await interrupted(signal, moment, chosen);

    expect(status).toBe(1);
    expect(said).toMatch(/[Ii]nterrupt|operation cancell?ed|context cancell?ed/);
    const left = await account();
    expect(left["Vpcs"]).toBe(before["Vpcs"]! + 1);
    expect(left["Reservations"]).toBeGreaterThan(0);
    await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color", ...VALUES);
    expect(await terraform.succeed("state", "list")).toBe("");
    expect(await account()).toEqual(before);
  },
  600_000,
);

/** An apply that gets a signal at a moment: an event, and the type of the resource that it is of. */
function interrupted(
  signal: NodeJS.Signals,
  moment: string,
  options: readonly string[],
): Promise<{ status: number | null; said: string }> {
  const child = spawn("terraform", ["apply", "-auto-approve", "-input=false", "-json", ...VALUES, ...options], {
    cwd: terraform.folder,
    env: terraform.variables,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let [said, sent] = ["", false];
  createInterface({ input: child.stdout }).on("line", (line) => {
    said += `${line}\n`;
    const { type, hook } = JSON.parse(line) as { type: string; hook?: { resource: { resource_type: string } } };
    if (!sent && moment === `${type} ${hook?.resource.resource_type}`) sent = child.kill(signal);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, said }));
  });
}
