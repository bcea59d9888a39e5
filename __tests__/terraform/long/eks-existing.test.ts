import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import type { EksClusterProps } from "../../../constructs";
import { prepare } from "../../../lab/artifacts/prepare";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { awsAnswers } from "../../support/aws-calls";
import { corporateNetwork, type CorporateNetwork } from "../../support/corporate-network";
import { eksCluster } from "../../support/eks";
import type { Block } from "../../support/resources";
import { synthInto } from "../../support/synth";
import { initialised, type Terraform } from "../../support/terraform";
import { cloudConfigVerdict, mime } from "../../support/user-data";

// EKS in a private network that other Terraform made. ../commands/kubectl stands for the API.
jest.setTimeout(300_000);
const scratch = mkdtempSync(join(tmpdir(), "existing-"));
const state = join(scratch, "kubectl");
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
let api: AwsApi;
let corporate: CorporateNetwork;
let terraform: Terraform;
let before: unknown;
let environment: Record<string, string>;

const answer = async (service: string, call: string, given = {}): Promise<Block> =>
  (await awsAnswers(api, "eu-west-1", [[service, call, given]]))[0]!;
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
const cluster = (name: string, props: Partial<EksClusterProps>): Promise<Terraform> =>
  initialised(
    synthInto(join(scratch, name), (stack) => {
      new AwsProvider(stack, "aws", { region: "eu-west-1" });
      new NullProvider(stack, "null");
      eksCluster(stack, { clusterName: name, ...props });
    }),
    environment,
  );

beforeAll(async () => {
  const { kubectl } = await prepare({ log: (line) => void process.stderr.write(`${line}\n`) });
  api = await awsApi();
  mkdirSync(state);
  environment = {
    AWS_ENDPOINT_URL: api.url,
    PATH: `${join(__dirname, "../commands")}:${process.env["PATH"]}`,
    ...{ KUBECTL_REAL: kubectl, KUBECTL_STATE: state },
  };
  corporate = await corporateNetwork(join(scratch, "corporate"), environment);
  before = await vpcAsItIs();
  terraform = await cluster("corp", {
    existingNetwork: corporate.network,
    proxy: { url: "http://10.1.2.3:3128", caBundle: PEM },
    vpcEndpoints: { features: ["eks"] },
    privateDns: { zone: "prod.aws.corp.example", externalDns: true },
    selfManagedGroups: { workers: {} },
    managedGroups: { kept: { min: 1 } },
  });
}, 45 * 60_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("AWS takes all of a cluster in it, and then has nothing left to change (FT-66, FT-85, FT-86)", async () => {
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("plan", "-input=false", "-no-color")).toContain("No changes.");
  const { cluster: made } = await answer("eks", "describe_cluster", { name: "corp" });
  expect(made.resourcesVpcConfig).toMatchObject({
    ...{ vpcId: corporate.network.vpcId, endpointPrivateAccess: true, endpointPublicAccess: false },
    subnetIds: expect.arrayContaining(corporate.network.subnets.map(({ id }) => id)) as unknown,
  });
}, 900_000);

test("its nodes have no public address, and the proxy for all but what is near (FT-68, FT-71, FT-86, F-34)", async () => {
  const { Reservations } = await answer("ec2", "describe_instances");
  const machines = (Reservations as { Instances: Block[] }[]).flatMap(({ Instances }) => Instances);
  const { LaunchTemplates } = await answer("ec2", "describe_launch_templates");
  const [{ LaunchTemplateId }] = (LaunchTemplates as Block[]).filter(({ LaunchTemplateName }) =>
    (LaunchTemplateName as string).startsWith("corp-workers-"),
  ) as [Block];
  const { LaunchTemplateVersions } = await answer("ec2", "describe_launch_template_versions", {
    LaunchTemplateId,
    Versions: ["$Latest"],
  });
  const [{ LaunchTemplateData }] = LaunchTemplateVersions as [Block];
  const [[, { spec }], [kind, script]] = (await mime(
    Buffer.from(LaunchTemplateData.UserData as string, "base64").toString(),
  )) as [[string, Block], [string, string]];
  const { cluster: made } = await answer("eks", "describe_cluster", { name: "corp" });

  expect(machines.length).toBeGreaterThanOrEqual(2);
  expect(machines.filter(({ PublicIpAddress }) => PublicIpAddress !== undefined)).toEqual([]);
  expect(spec.instance.environment.default).toMatchObject({ HTTPS_PROXY: "http://10.1.2.3:3128" });
  expect([kind, script]).toEqual(["text/cloud-config", expect.stringContaining(Buffer.from(PEM).toString("base64"))]);
  expect(await cloudConfigVerdict(script)).toEqual({ status: 0, said: "Valid cloud-config: user-data" });
  expect((spec.instance.environment.default.NO_PROXY as string).split(",")).toEqual(
    expect.arrayContaining([
      ...["172.20.0.0/16", "169.254.169.254", (made.endpoint as string).replace("https://", "")],
      ...["ec2.eu-west-1.amazonaws.com", "eks-auth.eu-west-1.api.aws", ".s3.eu-west-1.amazonaws.com"],
    ]),
  );
});

test("a network that is not as a cluster needs it is refused at plan (FT-62, FT-85, F-34)", async () => {
  const { network } = await corporateNetwork(join(scratch, "facing"), environment, { facing: true });
  const stranger = await cluster("refused", { existingNetwork: network, proxy: { url: "http://192.0.2.3:3128" } });

  const said = (await stranger.complaints()).map(({ detail }) => detail).join("\n");
  expect(said).toMatch(/vpc-\S+ must have DNS support and DNS host names/);
  expect(said).toMatch(/The routes of subnet-\S+ must not lead to an internet gateway/);
});

test("a cluster that is to come needs room, and the plan says how much; one that is there is planned without (FT-80, F-27, S3-16)", async () => {
  const { id: SubnetId } = corporate.network.subnets[0]!;
  const { Subnets } = await answer("ec2", "describe_subnets", { SubnetIds: [SubnetId] });
  const [{ AvailableIpAddressCount: free }] = Subnets as [{ AvailableIpAddressCount: number }];
  // Others who live in the subnet: they leave 10 addresses, which are too few for a node.
  const taken = await awsAnswers(
    api,
    "eu-west-1",
    Array.from({ length: free - 10 }, () => ["ec2", "create_network_interface", { SubnetId }] as const),
  );
  const more = await cluster("corp-2", {
    existingNetwork: corporate.network,
    selfManagedGroups: { workers: { max: 4 } },
  });
  const complaints = async (of: Terraform): Promise<string[]> =>
    (await of.complaints()).map(({ detail }) => detail.replaceAll(/\s+/g, " "));
  const said = { there: await complaints(terraform), toCome: await complaints(more) };
  await awsAnswers(
    api,
    "eu-west-1",
    taken.map(({ NetworkInterface: { NetworkInterfaceId } }) => [
      "ec2",
      "delete_network_interface",
      { NetworkInterfaceId: NetworkInterfaceId as string },
    ]),
  );

  // In each of two subnets: two of four workers with 20 addresses each, and the control plane's.
  const needed = 2 * 20 + 6;
  expect(said.toCome).toEqual([
    `${SubnetId} must have ${needed} free addresses for what is not there yet, nodes at their most with the interface that the CNI keeps warm, and lacks ${needed - 10}; free some, name a larger subnet, or have fewer nodes.`,
  ]);
  // Its groups are not at their most, and there is room for none of those nodes.
  expect(said.there).toEqual([]);
  expect(await terraform.succeed("plan", "-input=false", "-no-color")).toContain("No changes.");
}, 300_000);

test("destroy leaves the network as it was (FT-86, FT-59)", async () => {
  await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

  expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
  expect(await vpcAsItIs()).toEqual(before);
}, 600_000);
