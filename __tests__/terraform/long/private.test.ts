import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OPEN_FIREWALL_RULES, UBUNTU_2404 } from "../../../constructs";
import { INTERNAL_API_RULES } from "../../../constructs/network/firewall-rules";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { awsAnswers, type AwsCall } from "../../support/aws-calls";
import { cluster } from "../../support/hard-way";
import { ruleAsRead, rulesRead } from "../../support/rules-read";
import { addProviders, synthInto } from "../../support/synth";
import { initialised, type Terraform } from "../../support/terraform";

// Private machines of our own VPC behind one NAT gateway, which people reach by Session Manager, made in the emulator.
const scratch = mkdtempSync(join(tmpdir(), "private-"));
let api: AwsApi;
let terraform: Terraform;
let targets: string[];

const answers = <Answers>(...calls: AwsCall[]): Promise<Answers> => awsAnswers<Answers>(api, "eu-west-1", calls);

beforeAll(async () => {
  api = await awsApi();
  const folder = synthInto(join(scratch, "private"), (stack) => {
    addProviders(stack);
    cluster(stack, {
      topology: "private",
      nat: "single",
      access: "ssm",
      operatingSystem: UBUNTU_2404,
      ssh: { address: "private" },
      firewallRules: OPEN_FIREWALL_RULES,
    });
  });
  terraform = await initialised(folder, { AWS_ENDPOINT_URL: api.url });
  targets = (await terraform.plan()).resource_changes
    .filter(({ mode, type }) => mode === "managed" && type.startsWith("aws_"))
    .map(({ address }) => `-target=${address}`);
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("AWS takes all of it, and then has nothing left to change (FT-13, FT-20)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
}, 600_000);

test("the balancer is internal and lies in the private subnets, and no machine has a public address (FT-13)", async () => {
  const [{ LoadBalancers }, { Reservations }, { Subnets }] = await answers<
    [
      { LoadBalancers: { Scheme: string; AvailabilityZones: { SubnetId: string }[] }[] },
      { Reservations: { Instances: { PublicIpAddress?: string; PrivateIpAddress: string; SubnetId: string }[] }[] },
      { Subnets: { SubnetId: string; CidrBlock: string }[] },
    ]
  >(
    ["elbv2", "describe_load_balancers", {}],
    ["ec2", "describe_instances", {}],
    ["ec2", "describe_subnets", { Filters: [{ Name: "cidr-block", Values: ["10.240.0.0/25"] }] }],
  );
  const subnets = Subnets.map(({ SubnetId }) => SubnetId);

  expect(subnets).toHaveLength(1);
  expect(
    LoadBalancers.map(({ Scheme, AvailabilityZones: zones }) => [Scheme, zones.map(({ SubnetId }) => SubnetId)]),
  ).toEqual([["internal", subnets]]);
  expect(
    Reservations.flatMap(({ Instances }) => Instances)
      .map(({ PrivateIpAddress, PublicIpAddress, SubnetId }) => [PrivateIpAddress, PublicIpAddress, SubnetId])
      .sort(),
  ).toEqual([
    ["10.240.0.10", undefined, subnets[0]],
    ["10.240.0.20", undefined, subnets[0]],
  ]);
});

test("the rules of the groups, read back, are those of the guides' table and of an internal balancer, and no others (FT-08, FT-13)", async () => {
  const { ingress, egress } = await rulesRead(api, "blue", {
    "198.51.100.0/24": "admin",
    "10.240.0.0/24": "network",
    "10.200.0.0/16": "pods",
  });

  expect(ingress).toEqual([...OPEN_FIREWALL_RULES, ...INTERNAL_API_RULES].map(ruleAsRead).sort());
  expect(egress).toEqual(["api", "control-plane", "worker"].map((role) => `${role} to 0.0.0.0/0: -1 -1--1`));
});

test("ssm is a policy on the role of each machine, and there is no other way in to read (FT-20, F-22)", async () => {
  const [{ Roles }, { InstanceConnectEndpoints }] = await answers<
    [{ Roles: { RoleName: string }[] }, { InstanceConnectEndpoints: unknown[] }]
  >(["iam", "list_roles", {}], ["ec2", "describe_instance_connect_endpoints", {}]);
  const names = Roles.map(({ RoleName }) => RoleName).filter((name) => name.startsWith("blue-"));
  const attached = await answers<{ AttachedPolicies: { PolicyArn: string }[] }[]>(
    ...names.map((name): AwsCall => ["iam", "list_attached_role_policies", { RoleName: name }]),
  );

  expect(names.map((name) => name.replace(/-[0-9]+$/, "")).sort()).toEqual(["blue-control-plane", "blue-worker"]);
  for (const { AttachedPolicies } of attached)
    expect(AttachedPolicies.map(({ PolicyArn }) => PolicyArn)).toEqual([
      "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    ]);
  expect(InstanceConnectEndpoints).toEqual([]);
});

test("AWS gives all of it back (FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
}, 600_000);
