import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BASTION_RULES, FIREWALL_RULES, INSTANCE_CONNECT_RULES } from "../../../constructs/network/firewall-rules";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { awsAnswers, type AwsCall } from "../../support/aws-calls";
import { cluster } from "../../support/hard-way";
import { ruleAsRead, rulesRead } from "../../support/rules-read";
import { addProviders, synthInto } from "../../support/synth";
import { initialised, type Plan, type Terraform } from "../../support/terraform";

// Everything of AWS that a cluster of several zones, pools, NAT gateways, a bastion, an endpoint of EC2 Instance Connect and
// flow logs has, made in the emulator.
const scratch = mkdtempSync(join(tmpdir(), "zones-"));
let api: AwsApi;
let terraform: Terraform;
let targets: string[];

const answers = <Answers>(...calls: AwsCall[]): Promise<Answers> => awsAnswers<Answers>(api, "eu-west-1", calls);

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
      access: "instanceConnect",
      flowLogs: { retentionDays: 90 },
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

test("AWS takes all of it, and then has nothing left to change (FT-05, FT-06, FT-07, FT-20, FT-53)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
}, 600_000);

test("the rules of the groups, read back, are those of the tables, and no others (FT-08, FT-09)", async () => {
  const [{ Addresses }] = await answers<[{ Addresses: { PublicIp: string; NetworkInterfaceId?: string }[] }]>([
    "ec2",
    "describe_addresses",
    {},
  ]);
  const gateways = Addresses.map(({ PublicIp }) => [`${PublicIp}/32`, "NAT gateway"] as const);
  const { ingress, egress } = await rulesRead(api, "blue", {
    "198.51.100.0/24": "admin",
    "10.200.0.0/16": "pods",
    ...Object.fromEntries(gateways),
  });

  expect(gateways).toHaveLength(3);
  // People come through the endpoint and Terraform through the bastion: nobody else needs port 22 of a machine.
  const tables = [...FIREWALL_RULES, ...INSTANCE_CONNECT_RULES, ...BASTION_RULES].filter(
    ({ id }) => !["admin-ssh-control-plane", "admin-ssh-worker"].includes(id),
  );
  const workers = {
    ...{ from: "NAT gateway", to: "api", protocol: "tcp", port: 6443 },
    why: "kubelets and kube-proxies behind a NAT gateway",
  } as const;
  expect(ingress).toEqual([...tables, ...gateways.map(() => workers)].map(ruleAsRead).sort());
  expect(egress).toEqual(
    ["api", "bastion", "control-plane", "instance-connect", "worker"].map((role) => `${role} to 0.0.0.0/0: -1 -1--1`),
  );
});

test("the endpoint of EC2 Instance Connect, read back, stands in a subnet of machines with its own group, and hides who comes (FT-20, F-21, F-22)", async () => {
  const [{ InstanceConnectEndpoints: endpoints }, { SecurityGroups }, { Subnets }] = await answers<
    [
      { InstanceConnectEndpoints: Record<string, unknown>[] },
      { SecurityGroups: { GroupId: string }[] },
      { Subnets: { SubnetId: string; VpcId: string }[] },
    ]
  >(
    ["ec2", "describe_instance_connect_endpoints", {}],
    ["ec2", "describe_security_groups", { Filters: [{ Name: "tag:Name", Values: ["blue-instance-connect"] }] }],
    ["ec2", "describe_subnets", { Filters: [{ Name: "cidr-block", Values: ["10.240.0.0/25"] }] }],
  );

  expect(endpoints).toEqual([
    expect.objectContaining({
      State: "create-complete",
      VpcId: Subnets[0]!.VpcId,
      SubnetId: Subnets[0]!.SubnetId,
      SecurityGroupIds: SecurityGroups.map(({ GroupId }) => GroupId),
      PreserveClientIp: false,
    }),
  ]);
  expect(SecurityGroups).toHaveLength(1);
});

test("the flow log, read back, writes all traffic of the VPC to a log group that forgets, by a role of its own (FT-20)", async () => {
  const [{ FlowLogs }, { logGroups }, { Vpcs }] = await answers<
    [
      { FlowLogs: Record<string, unknown>[] },
      { logGroups: { logGroupName: string; retentionInDays: number; arn: string }[] },
      { Vpcs: { VpcId: string }[] },
    ]
  >(
    ["ec2", "describe_flow_logs", {}],
    ["logs", "describe_log_groups", { logGroupNamePrefix: "/blue/" }],
    ["ec2", "describe_vpcs", { Filters: [{ Name: "cidr", Values: ["10.240.0.0/22"] }] }],
  );

  expect(logGroups.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])).toEqual([
    ["/blue/flow-logs", 90],
  ]);
  expect(Vpcs).toHaveLength(1);
  expect(FlowLogs).toEqual([
    expect.objectContaining({
      FlowLogStatus: "ACTIVE",
      ResourceId: Vpcs[0]!.VpcId,
      TrafficType: "ALL",
      LogDestinationType: "cloud-watch-logs",
      LogDestination: logGroups[0]!.arn.replace(/:\*$/, ""),
      DeliverLogsPermissionArn: expect.stringMatching(/:role\/blue-flow-logs-/) as string,
    }),
  ]);
});

test("AWS gives all of it back (FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
  const [{ InstanceConnectEndpoints }, { FlowLogs }] = await answers<
    [{ InstanceConnectEndpoints: unknown[] }, { FlowLogs: unknown[] }]
  >(["ec2", "describe_instance_connect_endpoints", {}], ["ec2", "describe_flow_logs", {}]);
  expect([InstanceConnectEndpoints, FlowLogs]).toEqual([[], []]);
}, 600_000);
