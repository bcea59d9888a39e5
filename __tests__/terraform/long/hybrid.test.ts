import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformVariable } from "cdktf";
import { HybridCluster, type HybridClusterProps } from "../../../constructs";
import { awsAnswers, type AwsCall } from "../../support/aws-calls";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { corporateNetwork, type CorporateNetwork } from "../../support/corporate-network";
import { addProviders, synthInto } from "../../support/synth";
import { initialised, type Plan, type Terraform } from "../../support/terraform";

// A cluster in a private network that other Terraform made, all of its AWS part in the emulator.
const scratch = mkdtempSync(join(tmpdir(), "hybrid-"));
const ZONE = "prod.aws.corp.example";
const PROXY = { url: "http://10.1.2.3:3128", exceptions: [".corp.example"] };
const BASTION = { host: "10.1.2.4", user: "jump", hostKeys: ["ssh-ed25519 AAAAC3Nz"], cidr: "10.1.2.4/32" };
let api: AwsApi;
let corporate: CorporateNetwork;
let terraform: Terraform;
let before: unknown;
let targets: string[];

const environment = (): Record<string, string> => ({ AWS_ENDPOINT_URL: api.url });
const hybrid = (
  name: string,
  props: Partial<HybridClusterProps> & Pick<HybridClusterProps, "network">,
): Promise<Terraform> =>
  initialised(
    synthInto(join(scratch, name), (stack) => {
      addProviders(stack);
      const privateKey = new TerraformVariable(stack, "bastion_key", { default: "", sensitive: true }).stringValue;
      new HybridCluster(stack, "cluster", {
        clusterName: name,
        adminCidrs: ["10.1.0.0/16"],
        access: "none",
        ssh: { bastion: { ...BASTION, privateKey } },
        containerRegistry: {
          repositories: { app: {} },
          pullThrough: { kubernetes: { registry: "registry.k8s.io" } },
        },
        controlPlane: { count: 3 },
        workers: { count: 2 },
        ...props,
      });
    }),
    environment(),
  );
/** All that AWS says of the VPC itself. */
async function vpcAsItIs(): Promise<unknown> {
  const filter = { Filters: [{ Name: "vpc-id", Values: [corporate.network.vpcId] }] };
  const asked = ["describe_subnets", "describe_route_tables", "describe_security_groups", "describe_vpcs"] as const;
  return awsAnswers(
    api,
    "eu-west-1",
    asked.map((call) => ["ec2", call, filter]),
  );
}

beforeAll(async () => {
  api = await awsApi();
  corporate = await corporateNetwork(join(scratch, "corporate"), environment());
  before = await vpcAsItIs();
  terraform = await hybrid("corp", {
    network: corporate.network,
    proxy: PROXY,
    vpcEndpoints: { features: ["eks", "logs", "ssm", "kms", "loadBalancers", "autoscaling"] },
    privateDns: {
      zone: ZONE,
      externalDns: true,
      resolver: { inboundFrom: ["10.1.0.0/16"], forward: { "corp.example": ["10.1.0.53"] } },
    },
  });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

describe("a plan", () => {
  let plan: Plan;
  const planned = (type: string): Record<string, unknown>[] =>
    plan.resource_changes
      .filter((resource) => resource.mode === "managed" && resource.type === type)
      .map(({ change }) => change.after as Record<string, unknown>);
  beforeAll(async () => {
    plan = await terraform.plan();
    targets = plan.resource_changes
      .filter(({ mode, type }) => mode === "managed" && type.startsWith("aws_"))
      .map(({ address }) => `-target=${address}`);
  }, 240_000);

  test("makes nothing of the network, and nothing that faces the internet (FT-85, FT-86, F-34)", () => {
    const types = new Set(plan.resource_changes.filter(({ mode }) => mode === "managed").map(({ type }) => type));

    for (const type of types)
      expect(type).not.toMatch(
        /^aws_(vpc|subnet|internet_gateway|nat_gateway|eip|route_table|(main_)?route_table_association|default_security_group)$/,
      );
    expect(planned("aws_instance").map((machine) => machine["associate_public_ip_address"])).toEqual(
      Array(5).fill(false),
    );
    expect(planned("aws_lb").map(({ internal }) => internal)).toEqual([true]);
  });

  test("has the machines take turns in the subnets, at fixed addresses (FT-86, FT-14)", () => {
    const [one, other] = corporate.network.subnets.map(({ id }) => id);

    expect(planned("aws_instance").map(({ subnet_id, private_ip }) => [subnet_id, private_ip])).toEqual([
      [one, "172.20.0.10"],
      [other, "172.20.1.11"],
      [one, "172.20.0.12"],
      [one, "172.20.0.20"],
      [other, "172.20.1.21"],
    ]);
  });

  test("has a route to each worker's pods in every table (F-28, FT-53)", () => {
    const found = planned("aws_route").map(
      ({ route_table_id, destination_cidr_block }) => `${String(route_table_id)} ${String(destination_cidr_block)}`,
    );

    expect(found.sort()).toEqual(
      corporate.network.routeTableIds.flatMap((table) => [`${table} 10.200.0.0/24`, `${table} 10.200.1.0/24`]).sort(),
    );
  });
});

test("AWS takes all of it, and then has nothing left to change (FT-85, FT-86)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

  expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
}, 600_000);

test("machines let SSH in from the bastion's block alone (FT-08, FT-94)", async () => {
  const [{ SecurityGroupRules: rules }] = await awsAnswers<
    [{ SecurityGroupRules: { IsEgress: boolean; FromPort: number; CidrIpv4?: string }[] }]
  >(api, "eu-west-1", [["ec2", "describe_security_group_rules", {}]]);
  const ssh = rules.filter(({ IsEgress, FromPort }) => !IsEgress && FromPort === 22);

  expect(ssh.map(({ CidrIpv4 }) => CidrIpv4)).toEqual([BASTION.cidr, BASTION.cidr]);
});

test("ECR has the repository as asked for, the rule, and the policy on the workers' role alone (FT-89, F-31)", async () => {
  const [repositories, lifecycle, rules, roles] = await awsAnswers<
    [
      { repositories: object[] },
      { lifecyclePolicyText: string },
      { pullThroughCacheRules: object[] },
      { Roles: { RoleName: string }[] },
    ]
  >(api, "eu-west-1", [
    ["ecr", "describe_repositories", {}],
    ["ecr", "get_lifecycle_policy", { repositoryName: "corp/app" }],
    ["ecr", "describe_pull_through_cache_rules", {}],
    ["iam", "list_roles", {}],
  ]);

  expect(repositories.repositories).toEqual([
    expect.objectContaining({
      repositoryName: "corp/app",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: "AES256" },
    }),
  ]);
  expect(JSON.parse(lifecycle.lifecyclePolicyText)).toMatchObject({
    rules: [{ rulePriority: 1 }, { rulePriority: 2 }],
  });
  expect(rules.pullThroughCacheRules).toEqual([
    expect.objectContaining({ ecrRepositoryPrefix: "kubernetes", upstreamRegistryUrl: "registry.k8s.io" }),
  ]);
  const named = roles.Roles.map(({ RoleName }) => RoleName).filter((name) => name.startsWith("corp-"));
  const inline = await awsAnswers<{ PolicyNames: string[] }[]>(
    api,
    "eu-west-1",
    named.map((RoleName) => ["iam", "list_role_policies", { RoleName }] as const),
  );
  expect(
    Object.fromEntries(
      named.map((name, index) => [name.replace(/-[0-9]+$/, ""), [...inline[index]!.PolicyNames].sort()]),
    ),
  ).toEqual({
    "corp-control-plane": [],
    "corp-worker": ["ecr-pull-through", "ecr-read", "external-dns"],
  });
}, 120_000);

test("AWS then has an endpoint for each service, private where it has addresses (FT-85, FT-86)", async () => {
  const filter = { Filters: [{ Name: "vpc-id", Values: [corporate.network.vpcId] }] };
  const [{ VpcEndpoints: found }] = await awsAnswers<
    [{ VpcEndpoints: { ServiceName: string; VpcEndpointType: string; PrivateDnsEnabled: boolean }[] }]
  >(api, "eu-west-1", [["ec2", "describe_vpc_endpoints", filter]]);

  expect(found.map(({ ServiceName }) => ServiceName.replace("com.amazonaws.eu-west-1.", "")).sort()).toEqual([
    ...["autoscaling", "ec2", "ec2messages", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing"],
    ...["kms", "logs", "s3", "ssm", "ssmmessages", "sts"],
  ]);
  for (const { ServiceName, VpcEndpointType, PrivateDnsEnabled } of found)
    expect([ServiceName, VpcEndpointType === "Gateway" || PrivateDnsEnabled]).toEqual([ServiceName, true]);
});

test("Route 53 has the zone with the API's name, and both directions of the Resolver (FT-91, FT-92, F-35)", async () => {
  const asked = [
    ["route53", "list_hosted_zones_by_vpc", { VPCId: corporate.network.vpcId, VPCRegion: "eu-west-1" }],
    ["route53resolver", "list_resolver_endpoints", {}],
    ["route53resolver", "list_resolver_rules", {}],
  ] as const;
  const [zones, endpoints, rules] = await awsAnswers<
    [
      { HostedZoneSummaries: { HostedZoneId: string; Name: string }[] },
      { ResolverEndpoints: { Direction: string }[] },
      { ResolverRules: { DomainName: string; TargetIps?: { Ip: string }[] }[] },
    ]
  >(api, "eu-west-1", asked);
  const [{ HostedZoneId: zone, Name: name }] = zones.HostedZoneSummaries as [{ HostedZoneId: string; Name: string }];
  expect(name).toBe(`${ZONE}.`);
  expect(endpoints.ResolverEndpoints.map(({ Direction }) => Direction).sort()).toEqual(["INBOUND", "OUTBOUND"]);
  expect(rules.ResolverRules).toContainEqual(
    expect.objectContaining({ DomainName: "corp.example.", TargetIps: [expect.objectContaining({ Ip: "10.1.0.53" })] }),
  );
  const [{ ResourceRecordSets: records }] = await awsAnswers<
    [{ ResourceRecordSets: { Name: string; AliasTarget?: { DNSName: string } }[] }]
  >(api, "eu-west-1", [["route53", "list_resource_record_sets", { HostedZoneId: zone }]]);
  expect(records.find(({ Name }) => Name === `api.${ZONE}.`)!.AliasTarget!.DNSName).toMatch(/^corp-api/);
});

test("destroy leaves the network as it was (FT-86, FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
  expect(await vpcAsItIs()).toEqual(before);
}, 600_000);

test("a subnet with fewer free addresses than machines is refused at plan, and one that has as many is not (FT-86)", async () => {
  const SubnetId = corporate.network.subnets[0]!.id;
  const [{ Subnets }] = await awsAnswers<[{ Subnets: { AvailableIpAddressCount: number }[] }]>(api, "eu-west-1", [
    ["ec2", "describe_subnets", { SubnetIds: [SubnetId] }],
  ]);
  const taken: AwsCall = ["ec2", "create_network_interface", { SubnetId }];
  await awsAnswers(api, "eu-west-1", Array<AwsCall>(Subnets[0]!.AvailableIpAddressCount - 3).fill(taken));
  const crowded = await hybrid("crowded", { network: corporate.network, proxy: PROXY });

  expect(await crowded.complaints()).toEqual([]);
  await awsAnswers(api, "eu-west-1", [taken]);
  expect((await crowded.complaints()).map(({ detail }) => detail.replaceAll(/\s+/g, " "))).toEqual([
    `${SubnetId} must have 3 free addresses, one for each machine; free some, or name a larger subnet.`,
  ]);
}, 600_000);

test("a network that is not as a cluster needs it is refused at plan, with all that is wrong (FT-85, FT-86, F-34)", async () => {
  const { network } = await corporateNetwork(join(scratch, "facing"), environment(), { facing: true });
  const [one, other] = network.subnets;
  const stranger = await hybrid("refused", {
    network: {
      ...network,
      subnets: [
        { ...one!, availabilityZone: "eu-west-1c" },
        { ...other!, id: corporate.network.subnets[1]!.id },
      ],
      routeTableIds: network.routeTableIds,
      internalLoadBalancers: true,
    },
    proxy: { url: "http://192.0.2.3:3128" },
  });

  const said = (await stranger.complaints()).map(({ detail }) => detail).join("\n");

  expect(said).toMatch(/vpc-\S+ must have DNS support and DNS host names/);
  expect(said).toMatch(/subnet-\S+ must have the block 172\.20\.0\.0\/24 and lie in eu-west-1c/);
  expect(said).toMatch(/subnet-\S+ must have the tag kubernetes\.io\/role\/internal-elb = 1/);
  expect(said).toMatch(/The routes of subnet-\S+ must not lead to an internet gateway/);
  expect(said).toContain(`${corporate.network.subnets[1]!.id} must be a subnet of ${network.vpcId}`);
  expect(said).toContain(`routeTableIds must hold the table of ${corporate.network.subnets[1]!.id}`);
  expect(said).toContain(`The routes of ${corporate.network.subnets[1]!.id} must lead to the proxy 192.0.2.3`);
}, 600_000);
