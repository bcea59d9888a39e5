import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubectl as kubectlOf } from "../../lab/artifacts/release-files";
import { terraformProviders } from "../../lab/artifacts/terraform-providers";
import { release } from "../../lab/artifacts/versions";
import { awsApi, type AwsApi } from "../support/aws-api";
import { awsAnswers, type AwsCall } from "../support/aws-calls";
import { synthMain } from "../support/main-stack";
import type { Block } from "../support/resources";
import { initialised, type Terraform } from "../support/terraform";

// The stack of main.ts, made in the emulator and read back from it. Nobody answers at the endpoint of its clusters, so that
// commands/kubectl stands for their API; the real one is asked in the lab.
// Each question starts a Python of its own, which takes its time on a busy machine.
jest.setTimeout(120_000);
const REGION = "eu-west-1";
const VALUES = [`-var=region=${REGION}`];
const scratch = mkdtempSync(join(tmpdir(), "eks-"));
const kubectl = join(scratch, "kubectl");
let api: AwsApi;
let terraform: Terraform;
let folder: string;

beforeAll(async () => {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  // First, since other tests wait for them too.
  await terraformProviders(log);
  const real = await kubectlOf(release, log);
  api = await awsApi();
  mkdirSync(kubectl);
  folder = await synthMain(join(scratch, "main"), undefined, {}, "eks");
  terraform = await initialised(folder, {
    AWS_ENDPOINT_URL: api.url,
    PATH: `${join(__dirname, "commands")}:${process.env["PATH"]}`,
    KUBECTL_REAL: real,
    KUBECTL_STATE: kubectl,
  });
}, 45 * 60_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const ask = async (...call: AwsCall): Promise<Block> => (await awsAnswers(api, REGION, [call]))[0]!;
const tagsOf = (tags: readonly { Key: string; Value: string }[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
const awsAuth = (): { data: { mapRoles: string } } =>
  JSON.parse(readFileSync(join(kubectl, "aws-auth.json"), "utf8")) as { data: { mapRoles: string } };

test("validates, without an error or a warning (FT-02)", async () => {
  const { valid, diagnostics } = JSON.parse((await terraform.run("validate", "-json")).stdout) as Block;

  expect([valid, diagnostics]).toEqual([true, []]);
}, 120_000);

test("rejects a bad value before it asks AWS anything (FT-02, FT-66)", async () => {
  const found = await terraform.complaints(
    "-var=region=Ireland",
    "-var=kubernetes_version=1.14",
    '-var=admin_cidrs=["198.51.100.7"]',
  );

  expect(found.map(({ detail }) => detail.split("\n")[0])).toEqual(
    expect.arrayContaining([
      "region must be the code of an AWS region; write it as in eu-west-1.",
      "kubernetes_version must be one of 1.32, 1.33, 1.34, 1.35, 1.36, the minor versions that EKS runs; leave it out for the newest.",
      "admin_cidrs must be IPv4 CIDRs without host bits, from which the endpoint is reached over the internet; write your office's or VPN's block, or your own address with /32; none keeps the endpoint private.",
    ]),
  );
}, 120_000);

describe("an apply", () => {
  let log: string;
  beforeAll(async () => {
    log = await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...VALUES);
  }, 600_000);

  test("of a saved plan, as old as it may be, asks with a token that is made then, also after a step that failed (FT-75, FT-78)", async () => {
    const [address] = /^null_resource\.cluster_nodes_[0-9A-F]+$/m.exec(await terraform.succeed("state", "list"))!;
    // As a step is whose script has failed.
    await terraform.succeed("taint", address);
    const plan = JSON.stringify(await terraform.plan(...VALUES));
    const planned = Math.floor(Date.now() / 1000);
    await terraform.succeed("apply", "-input=false", "-no-color", "planned");

    const [, year, month, day, hours, minutes, seconds] = /^X-Amz-Date=(....)(..)(..)T(..)(..)(..)Z$/m
      .exec(readFileSync(join(kubectl, "token-date"), "utf8"))!
      .map(Number);
    expect(Date.UTC(year!, month! - 1, day, hours, minutes, seconds) / 1000).toBeGreaterThanOrEqual(planned);
    expect(plan).toContain(address);
    // What is in no plan cannot grow old in one.
    expect(plan).not.toContain("k8s-aws-v1.");
    expect(await terraform.succeed("show", "-json")).not.toContain("k8s-aws-v1.");
  }, 300_000);

  test("cuts the VPC into six /19, public ones first, each tagged for its load balancers (FT-60)", async () => {
    const { Vpcs } = await ask("ec2", "describe_vpcs", { Filters: [{ Name: "cidr", Values: ["192.168.0.0/16"] }] });
    const [{ VpcId }] = Vpcs as [{ VpcId: string }];
    const { Subnets } = await ask("ec2", "describe_subnets", { Filters: [{ Name: "vpc-id", Values: [VpcId] }] });
    const found = (Subnets as Block[]).map(({ CidrBlock, AvailabilityZone, MapPublicIpOnLaunch, Tags }) => [
      CidrBlock as string,
      AvailabilityZone as string,
      MapPublicIpOnLaunch as boolean,
      Object.entries(tagsOf(Tags as []))
        .filter(([key]) => key.startsWith("kubernetes.io/"))
        .flat()
        .join("="),
    ]);

    expect(found.sort()).toEqual(
      [
        ["192.168.0.0/19", "eu-west-1a", true, "kubernetes.io/role/elb=1"],
        ["192.168.32.0/19", "eu-west-1b", true, "kubernetes.io/role/elb=1"],
        ["192.168.64.0/19", "eu-west-1c", true, "kubernetes.io/role/elb=1"],
        ["192.168.96.0/19", "eu-west-1a", false, "kubernetes.io/role/internal-elb=1"],
        ["192.168.128.0/19", "eu-west-1b", false, "kubernetes.io/role/internal-elb=1"],
        ["192.168.160.0/19", "eu-west-1c", false, "kubernetes.io/role/internal-elb=1"],
      ].sort(),
    );
  });

  test("gives every private table a way out through the one NAT gateway (FT-61)", async () => {
    const { NatGateways } = await ask("ec2", "describe_nat_gateways");
    const { Addresses } = await ask("ec2", "describe_addresses");
    const { RouteTables } = await ask("ec2", "describe_route_tables");
    const ways = (RouteTables as { Routes: Block[] }[])
      .flatMap(({ Routes }) => Routes)
      .filter(({ DestinationCidrBlock }) => DestinationCidrBlock === "0.0.0.0/0")
      .map(({ NatGatewayId, GatewayId }) => ((NatGatewayId ?? GatewayId) as string).split("-")[0]);

    expect([(NatGateways as []).length, (Addresses as []).length]).toEqual([1, 1]);
    expect(ways.sort()).toEqual(["igw", "nat", "nat", "nat"]);
  });

  test("makes the control plane that was asked for (FT-66)", async () => {
    const { cluster } = (await ask("eks", "describe_cluster", { name: "eks" })) as { cluster: Block };
    const network = cluster.resourcesVpcConfig as Block;

    expect(cluster).toMatchObject({
      version: "1.36",
      kubernetesNetworkConfig: { serviceIpv4Cidr: "10.100.0.0/16" },
      accessConfig: { authenticationMode: "API_AND_CONFIG_MAP", bootstrapClusterCreatorAdminPermissions: true },
    });
    expect([network.endpointPublicAccess, network.endpointPrivateAccess]).toEqual([false, true]);
    expect([(network.subnetIds as []).length, (network.securityGroupIds as []).length]).toEqual([6, 1]);
  });

  test("gives the control plane and nodes their roles, and attaches what they may do (FT-63, FT-64)", async () => {
    const { Roles } = await ask("iam", "list_roles");
    const roles = (Roles as Block[]).filter(({ RoleName }) => /^eks-/.test(RoleName as string));
    const policies = await awsAnswers(
      api,
      REGION,
      roles.map(({ RoleName }) => ["iam", "list_attached_role_policies", { RoleName: RoleName as string }]),
    );
    const found = roles.map(({ RoleName, AssumeRolePolicyDocument }, index) => {
      const { Statement } = AssumeRolePolicyDocument as { Statement: Block | Block[] };
      const [statement] = [Statement].flat() as [Block];
      return [
        (RoleName as string).replace(/-[0-9]+$/, ""),
        (statement.Principal as { Service: string }).Service,
        [statement.Action].flat().sort().join(" "),
        (policies[index]!.AttachedPolicies as { PolicyName: string }[]).map(({ PolicyName }) => PolicyName).sort(),
      ];
    });
    const { InstanceProfiles } = await ask("iam", "list_instance_profiles");

    expect(found.sort()).toEqual([
      [
        "eks-cluster",
        "eks.amazonaws.com",
        "sts:AssumeRole sts:TagSession",
        ["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"],
      ],
      [
        "eks-node",
        "ec2.amazonaws.com",
        "sts:AssumeRole",
        ["AmazonEC2ContainerRegistryReadOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"],
      ],
    ]);
    expect((InstanceProfiles as { Roles: Block[] }[]).map(({ Roles: [role] }) => role!.RoleName as string)).toEqual([
      expect.stringMatching(/^eks-node-/),
    ]);
  });

  test("opens between control plane and nodes what eksctl opens, and nothing else (FT-67)", async () => {
    const { SecurityGroups } = await ask("ec2", "describe_security_groups");
    const names = new Map(
      (SecurityGroups as Block[]).map(({ GroupId, Tags = [] }) => [GroupId as string, tagsOf(Tags as []).Name]),
    );
    const { SecurityGroupRules } = await ask("ec2", "describe_security_group_rules");
    const found = (SecurityGroupRules as Block[])
      .filter(({ GroupId }) => names.get(GroupId as string)?.startsWith("eks-"))
      .map(({ GroupId, IsEgress, IpProtocol, FromPort, ToPort, ReferencedGroupInfo, CidrIpv4 }) => {
        const other = ReferencedGroupInfo as { GroupId: string } | undefined;
        const peer = other === undefined ? CidrIpv4 : names.get(other.GroupId);
        const ports = IpProtocol === "-1" ? "all" : `${IpProtocol} ${FromPort}-${ToPort}`;
        return `${names.get(GroupId as string)} ${IsEgress ? "to" : "from"} ${peer}: ${ports}`;
      });

    expect(found.sort()).toEqual([
      "eks-control-plane from eks-node: tcp 443-443",
      "eks-control-plane to eks-node: tcp 1025-65535",
      "eks-control-plane to eks-node: tcp 443-443",
      "eks-node from eks-control-plane: tcp 1025-65535",
      "eks-node from eks-control-plane: tcp 443-443",
      "eks-node from eks-node: all",
      "eks-node to 0.0.0.0/0: all",
    ]);
  });

  test("keeps two nodes of an image for EKS, with version 2 of the metadata service alone (FT-68)", async () => {
    const { AutoScalingGroups } = await ask("autoscaling", "describe_auto_scaling_groups");
    const [group, ...more] = AutoScalingGroups as [Block, ...Block[]];
    const { LaunchTemplateId, Version } = group.LaunchTemplate as { LaunchTemplateId: string; Version: string };
    const { LaunchTemplateVersions } = await ask("ec2", "describe_launch_template_versions", {
      LaunchTemplateId,
      Versions: [Version],
    });
    const [{ LaunchTemplateData }] = LaunchTemplateVersions as [{ LaunchTemplateData: Block }];
    const userData = Buffer.from(LaunchTemplateData.UserData as string, "base64").toString();
    const { cluster } = (await ask("eks", "describe_cluster", { name: "eks" })) as { cluster: Block };

    expect(more).toEqual([]);
    expect([group.MinSize, group.DesiredCapacity, group.MaxSize, (group.Instances as []).length]).toEqual([2, 2, 2, 2]);
    expect(tagsOf(group.Tags as [])).toEqual({ Name: "eks-workers-Node", "kubernetes.io/cluster/eks": "owned" });
    expect(LaunchTemplateData).toMatchObject({
      ImageId: "ami-0e52023136aaaaaaa",
      InstanceType: "m5.large",
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
    });
    expect(userData).toContain(`"apiServerEndpoint": "${cluster.endpoint}"`);
    expect(userData).toContain(`"certificateAuthority": "${(cluster.certificateAuthority as { data: string }).data}"`);
  });

  test("puts the role of the nodes into aws-auth, braces and all, before there are nodes (FT-75, F-23, F-24)", async () => {
    const { Roles } = await ask("iam", "list_roles");
    const arn = (Roles as Block[]).find(({ RoleName }) => /^eks-node-/.test(RoleName as string))!.Arn as string;
    const order = [...log.matchAll(/^(\S+): Creation complete/gm)].map(([, address]) => address!);

    expect(awsAuth().data.mapRoles).toBe(
      `- {"groups":["system:bootstrappers","system:nodes"],"rolearn":"${arn}","username":"system:node:{{EC2PrivateDNSName}}"}\n`,
    );
    expect(order.findIndex((address) => /^null_resource\.cluster_aws-auth_[0-9A-F]+$/.test(address))).toBeLessThan(
      order.findIndex((address) => address.startsWith("aws_autoscaling_group.")),
    );
  });

  test("shows what its steps print, and keeps the token out of it and off the disk (FT-75, FT-78)", () => {
    expect(log).toMatch(/aws-auth_[0-9A-F]+ \(local-exec\): .*aws-auth: added arn:aws:iam::/);
    expect(log).toMatch(/nodes_[0-9A-F]+ \(local-exec\): .*2 of 2 nodes are Ready/);
    expect(log).not.toContain("k8s-aws-v1.");
    expect(readdirSync(folder).filter((name) => name.endsWith(".token"))).toEqual([]);
  });

  test("installs the add-ons that nodes need, each of the version that EKS names (FT-79)", async () => {
    const answers = await awsAnswers(
      api,
      REGION,
      ["vpc-cni", "kube-proxy", "coredns"].map((addonName) => [
        "eks",
        "describe_addon",
        { clusterName: "eks", addonName },
      ]),
    );

    expect(answers.map(({ addon }) => (addon as Block).addonVersion as string)).toEqual([
      "v1.21.1-eksbuild.1",
      "v1.36.2-eksbuild.2",
      "v1.13.1-eksbuild.1",
    ]);
  });

  test("has nothing left to change (FT-02)", async () => {
    expect(await terraform.succeed("plan", "-input=false", "-no-color", ...VALUES)).toContain("No changes.");
  }, 300_000);

  test("opens the endpoint to the blocks that are named, and to them alone (FT-66)", async () => {
    await terraform.succeed(
      "apply",
      "-auto-approve",
      "-input=false",
      "-no-color",
      ...VALUES,
      '-var=admin_cidrs=["198.51.100.0/24"]',
    );
    const { cluster } = (await ask("eks", "describe_cluster", { name: "eks" })) as { cluster: Block };

    expect(cluster.resourcesVpcConfig).toMatchObject({
      endpointPublicAccess: true,
      endpointPrivateAccess: true,
      publicAccessCidrs: ["198.51.100.0/24"],
    });
  }, 300_000);

  test("is given back whole (F-20)", async () => {
    await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color", ...VALUES);

    expect(await terraform.succeed("show", "-no-color")).toMatch(/The state file is empty|No state/);
  }, 600_000);
});
