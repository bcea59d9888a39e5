import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import type { EksClusterProps } from "../../../constructs";
import { prepare } from "../../../lab/artifacts/prepare";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { awsAnswers, type AwsCall } from "../../support/aws-calls";
import { eksCluster } from "../../support/eks";
import { faultyApi, type FaultyApi } from "../../support/faulty-api";
import { leftovers } from "../../support/leftovers";
import type { Block } from "../../support/resources";
import { synthInto } from "../../support/synth";
import { initialised, type Terraform } from "../../support/terraform";
import { bottlerocket, cloudConfigVerdict, mime } from "../../support/user-data";

// What the stack of main.ts does not have: the other modes, and every kind of node. commands/kubectl stands for the API.
// Each question starts a Python of its own, which takes its time on a busy machine.
jest.setTimeout(120_000);
const REGION = "eu-west-1";
const ROLE = "arn:aws:iam::123456789012:role";
const scratch = mkdtempSync(join(tmpdir(), "eks-modes-"));
let api: AwsApi;
let door: FaultyApi;
let kubectl: string;

beforeAll(async () => {
  ({ kubectl } = await prepare({ log: (line) => void process.stderr.write(`${line}\n`) }));
  api = await awsApi();
  door = await faultyApi(api.url);
}, 45 * 60_000);
afterAll(async () => {
  await door?.stop();
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

async function terraformOf(name: string, props: EksClusterProps): Promise<{ terraform: Terraform; state: string }> {
  const state = join(scratch, `${name}-kubectl`);
  mkdirSync(state);
  const terraform = await initialised(write(name, props), {
    AWS_ENDPOINT_URL: door.url,
    PATH: `${join(__dirname, "../commands")}:${process.env["PATH"]}`,
    KUBECTL_REAL: kubectl,
    KUBECTL_STATE: state,
  });
  return { terraform, state };
}
const write = (name: string, props: EksClusterProps): string =>
  synthInto(join(scratch, name), (stack) => {
    new AwsProvider(stack, "aws", { region: REGION });
    new NullProvider(stack, "null");
    eksCluster(stack, props);
  });
const ask = async (...call: AwsCall): Promise<Block> => (await awsAnswers(api, REGION, [call]))[0]!;
const apply = (terraform: Terraform) => terraform.run("apply", "-auto-approve", "-input=false", "-no-color");

describe("a cluster by aws-auth alone, with nodes of every kind, Fargate, NAT in each zone and every way to log in", () => {
  let terraform: Terraform;
  let state: string;
  const GREEN: EksClusterProps = {
    ...{ clusterName: "green", kubernetesVersion: "1.35", authenticationMode: "CONFIG_MAP", nat: "per-zone" },
    availabilityZones: ["eu-west-1c", "eu-west-1a", "eu-west-1b"],
    publicCidrs: ["198.51.100.0/24"],
    logs: ["api", "audit"],
    ...{ secretsEncryption: {}, legacyPolicies: true, oidcProvider: true, prefixDelegation: true },
    login: {
      ssh: {
        publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIhz2GK/XCUj4i6Q5yQJNL1MKMY0RxzPV2QrBqfDrDq6 ann",
        cidrs: ["198.51.100.0/24"],
      },
      ...{ ssm: true, instanceConnect: true },
    },
    selfManagedGroups: {
      mixed: {
        instanceTypes: ["m5.large", "m5a.large"],
        spot: { onDemandBase: 1 },
        ...{ subnets: "private", max: 4, ignoreDesired: true },
        labels: { tier: "web", "example.com/zone": "" },
        taints: [{ key: "dedicated", value: "web", effect: "NoSchedule" }],
      },
      rocket: {
        ...{ operatingSystem: "bottlerocket", maxPods: 20, labels: { "example.com/zone": "" } },
        taints: [
          { key: "dedicated", value: "web", effect: "NoSchedule" },
          { key: "dedicated", effect: "NoExecute" },
        ],
      },
      ubuntu: { operatingSystem: "ubuntu", architecture: "arm64", instanceTypes: ["m7g.large"] },
    },
    fargateProfiles: { apps: [{ namespace: "default" }, { namespace: "kube-system", labels: { app: "dns" } }] },
    managedGroups: {
      kept: {
        ...{ min: 1, max: 3, desired: 2, subnets: "private", spot: true, maxPods: 20 },
        labels: { tier: "db" },
        taints: [{ key: "dedicated", value: "db", effect: "NoSchedule" }],
      },
    },
    access: {
      roles: [{ rolearn: `${ROLE}/teams/ops`, username: "ops:{{SessionName}}", groups: ["system:masters"] }],
      users: [{ userarn: "arn:aws:iam::123456789012:user/ann", username: "ann", groups: ["view"] }],
      accounts: ["210987654321"],
    },
  };
  beforeAll(async () => {
    ({ terraform, state } = await terraformOf("green", GREEN));
  }, 300_000);

  test("is stopped by credentials that have not spread yet, says so, and is whole after another apply (F-18, FT-81)", async () => {
    door.refuse(
      /Action=CreateAutoScalingGroup&/,
      400,
      "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>AWS was not able to validate the provided access credentials</Message></Error><RequestId>x</RequestId></ErrorResponse>",
    );
    const first = await apply(terraform);
    door.mend();

    expect([first.status, door.refused() > 0]).toEqual([1, true]);
    expect(first.stderr).toContain("AWS was not able to validate the provided access credentials");
    expect((await apply(terraform)).stderr).toBe("");
  }, 900_000);

  test("has nothing left to change, also when EKS names newer add-ons, until its own version changes (FT-02, FT-79, F-26)", async () => {
    const compatibilities = ["1.35", "1.36"].map((clusterVersion) => ({ clusterVersion, defaultVersion: true }));
    const addonVersions = [{ addonVersion: "v9.9.9-eksbuild.9", compatibilities }];
    door.refuse(/ \/addons\/supported-versions/, 200, JSON.stringify({ addons: [{ addonVersions }] }));
    try {
      expect(await terraform.succeed("plan", "-input=false", "-no-color")).toContain("No changes.");

      write("green", { ...GREEN, kubernetesVersion: "1.36" });
      const { resource_changes: changes } = await terraform.plan();
      expect(
        changes
          .filter(({ type }) => type === "aws_eks_addon")
          .map(({ change }) => [change.actions.join(), change.after!.addon_version as string]),
      ).toEqual(["coredns", "kube-proxy", "vpc-cni"].map(() => ["update", "v9.9.9-eksbuild.9"]));
    } finally {
      door.mend();
      write("green", GREEN);
    }
  }, 300_000);

  test("is of this version, in these zones, with logs, keys and both endpoints (FT-62, FT-66)", async () => {
    const { cluster } = (await ask("eks", "describe_cluster", { name: "green" })) as { cluster: Block };
    const network = cluster.resourcesVpcConfig as { subnetIds: string[] };
    const { Subnets } = await ask("ec2", "describe_subnets", { SubnetIds: network.subnetIds });
    const zones = (Subnets as Block[]).map(({ CidrBlock, AvailabilityZone }) => [
      CidrBlock as string,
      AvailabilityZone as string,
    ]);

    expect(cluster).toMatchObject({
      version: "1.35",
      accessConfig: { authenticationMode: "CONFIG_MAP" },
      resourcesVpcConfig: {
        endpointPublicAccess: true,
        endpointPrivateAccess: true,
        publicAccessCidrs: ["198.51.100.0/24"],
      },
      encryptionConfig: [{ resources: ["secrets"], provider: { keyArn: expect.stringContaining(":key/") as unknown } }],
    });
    const { clusterLogging } = cluster.logging as { clusterLogging: { enabled: boolean; types: string[] }[] };

    expect(
      clusterLogging
        .filter(({ enabled }) => enabled)
        .flatMap(({ types }) => types)
        .sort(),
    ).toEqual(["api", "audit"]);
    expect(Object.fromEntries(zones)).toMatchObject({
      "192.168.0.0/19": "eu-west-1c",
      "192.168.32.0/19": "eu-west-1a",
      "192.168.64.0/19": "eu-west-1b",
      "192.168.96.0/19": "eu-west-1c",
    });
  });

  test("sends each zone's private nodes out by a gateway of its own (FT-61)", async () => {
    const { NatGateways } = await ask("ec2", "describe_nat_gateways");
    const { RouteTables } = await ask("ec2", "describe_route_tables");
    const used = (RouteTables as { Routes: Block[] }[])
      .flatMap(({ Routes }) => Routes)
      .flatMap(({ NatGatewayId }) => (NatGatewayId === undefined ? [] : [NatGatewayId as string]));

    expect((NatGateways as []).length).toBe(3);
    expect(new Set(used).size).toBe(3);
  });

  test("lets its control plane do what eksctl once let it (FT-63)", async () => {
    const { Roles } = await ask("iam", "list_roles");
    const { RoleName } = (Roles as Block[]).find((role) => (role.RoleName as string).startsWith("green-cluster-"))!;
    const { AttachedPolicies } = await ask("iam", "list_attached_role_policies", { RoleName: RoleName as string });
    const { PolicyNames } = await ask("iam", "list_role_policies", { RoleName: RoleName as string });
    const { PolicyDocument } = await ask("iam", "get_role_policy", { RoleName: RoleName as string, PolicyName: "nlb" });

    expect((AttachedPolicies as { PolicyName: string }[]).map(({ PolicyName }) => PolicyName).sort()).toEqual([
      "AmazonEKSClusterPolicy",
      "AmazonEKSServicePolicy",
      "AmazonEKSVPCResourceController",
    ]);
    expect((PolicyNames as string[]).sort()).toEqual(["nlb", "put-metrics"]);
    expect(JSON.stringify(PolicyDocument)).toContain('"elasticloadbalancing:*"');
  });

  test("keeps a managed group with its labels, taints and spot instances (FT-69)", async () => {
    const { nodegroups } = await ask("eks", "list_nodegroups", { clusterName: "green" });
    const { nodegroup } = await ask("eks", "describe_nodegroup", {
      clusterName: "green",
      nodegroupName: (nodegroups as string[])[0],
    });

    expect(nodegroup).toMatchObject({
      scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 2 },
      ...{ capacityType: "SPOT", amiType: "AL2023_x86_64_STANDARD", instanceTypes: ["m5.large"] },
      labels: { tier: "db" },
      taints: [{ key: "dedicated", value: "db", effect: "NO_SCHEDULE" }],
      updateConfig: { maxUnavailablePercentage: 33 },
    });
    expect(((nodegroup as Block).subnets as []).length).toBe(3);
  });

  test("starts each kind of node from an image of its own, told in words that its programs read (FT-68, FT-71, FT-73, FT-80)", async () => {
    const { LaunchTemplates } = await ask("ec2", "describe_launch_templates");
    // EKS makes another one of that of a managed group, under a name of its own.
    const templates = (LaunchTemplates as { LaunchTemplateName: string; LaunchTemplateId: string }[]).filter(
      ({ LaunchTemplateName }) => LaunchTemplateName.startsWith("green-"),
    );
    const answers = await awsAnswers(
      api,
      REGION,
      templates.map(({ LaunchTemplateId }) => [
        "ec2",
        "describe_launch_template_versions",
        { LaunchTemplateId, Versions: ["$Latest"] },
      ]),
    );
    const data: Record<string, Block & { text: string }> = Object.fromEntries(
      answers.map(({ LaunchTemplateVersions }, index) => {
        const [{ LaunchTemplateData }] = LaunchTemplateVersions as [{ LaunchTemplateData: Block }];
        const text = Buffer.from((LaunchTemplateData.UserData as string) ?? "", "base64").toString();
        return [templates[index]!.LaunchTemplateName.split("-")[1]!, { ...LaunchTemplateData, text }];
      }),
    );

    expect(
      Object.fromEntries(Object.entries(data).map(([name, { ImageId }]) => [name, ImageId as string | undefined])),
    ).toEqual({
      mixed: "ami-0e52023135aaaaaaa",
      rocket: "ami-0b0771e135aaaaaaa",
      ubuntu: "ami-0eb00000135bbbbbb",
      kept: undefined,
    });
    const { cluster } = (await ask("eks", "describe_cluster", { name: "green" })) as { cluster: Block };
    const certificate = (cluster.certificateAuthority as { data: string }).data;
    // As many as prefixes allow, and what the kubelet keeps for so many.
    expect(await mime(data.mixed!.text)).toEqual([
      [
        "application/node.eks.aws",
        {
          ...{ apiVersion: "node.eks.aws/v1alpha1", kind: "NodeConfig" },
          spec: {
            cluster: {
              ...{ name: "green", apiServerEndpoint: cluster.endpoint, certificateAuthority: certificate },
              cidr: "10.100.0.0/16",
            },
            kubelet: {
              config: { maxPods: 110, kubeReserved: { cpu: "70m", memory: "1465Mi", "ephemeral-storage": "1Gi" } },
              flags: ["--node-labels=tier=web,example.com/zone=", "--register-with-taints=dedicated=web:NoSchedule"],
            },
          },
        },
      ],
    ]);
    expect(await bottlerocket(data.rocket!.text)).toEqual({
      settings: {
        kubernetes: {
          ...{ "cluster-name": "green", "api-server": cluster.endpoint, "cluster-certificate": certificate },
          ...{ "cluster-dns-ip": "10.100.0.10", "max-pods": 20 },
          "node-labels": { "example.com/zone": "" },
          "node-taints": { dedicated: ["web:NoSchedule", ":NoExecute"] },
          "kube-reserved": { cpu: "70m", memory: "475Mi", "ephemeral-storage": "1Gi" },
        },
      },
    });
    expect(await cloudConfigVerdict(data.ubuntu!.text)).toEqual({
      status: 0,
      said: "Valid cloud-config: user-data",
    });
    expect((JSON.parse(data.ubuntu!.text.replace(/^#cloud-config\n/, "")) as Block).runcmd[0].slice(0, 3)).toEqual([
      ...["/etc/eks/bootstrap.sh", "green", "--apiserver-endpoint"],
    ]);
    const [[, { spec: kept }], ...others] = (await mime(data.kept!.text)) as [[string, Block], ...unknown[]];
    expect([Object.keys(kept), kept.kubelet.config.maxPods, others]).toEqual([["kubelet"], 20, []]);
    expect(new Set(Object.values(data).map(({ KeyName }) => KeyName as string))).toEqual(new Set(["green-nodes"]));
  });

  test("runs pods on Fargate in private subnets, by a role that only its own profiles take (FT-65)", async () => {
    const { fargateProfile } = (await ask("eks", "describe_fargate_profile", {
      clusterName: "green",
      fargateProfileName: "apps",
    })) as { fargateProfile: Block };
    const { Subnets } = await ask("ec2", "describe_subnets", { SubnetIds: fargateProfile.subnets as string[] });
    const { Roles } = await ask("iam", "list_roles");
    const role = (Roles as Block[]).find(({ RoleName }) => (RoleName as string).startsWith("green-fargate-"))!;

    expect(fargateProfile.selectors).toEqual([
      { namespace: "default" },
      { namespace: "kube-system", labels: { app: "dns" } },
    ]);
    expect((Subnets as Block[]).map(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch as boolean)).toEqual([
      false,
      false,
      false,
    ]);
    expect((role.AssumeRolePolicyDocument as { Statement: Block[] }).Statement).toEqual([
      {
        ...{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "eks-fargate-pods.amazonaws.com" } },
        Condition: {
          ArnLike: { "aws:SourceArn": "arn:aws:eks:eu-west-1:123456789012:fargateprofile/green/*" },
        },
      },
    ]);
  });

  test("mixes types and spot instances as it was told (FT-68)", async () => {
    const { AutoScalingGroups } = await ask("autoscaling", "describe_auto_scaling_groups");
    const group = (AutoScalingGroups as Block[]).find(({ AutoScalingGroupName }) =>
      /green-mixed/.test(AutoScalingGroupName as string),
    )!;

    expect(group.MixedInstancesPolicy).toMatchObject({
      InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 0 },
      LaunchTemplate: { Overrides: [{ InstanceType: "m5.large" }, { InstanceType: "m5a.large" }] },
    });
    expect([group.MinSize, group.MaxSize]).toEqual([2, 4]);
  });

  test("lets people log in from their block and through the endpoint, and nobody else (FT-82, F-21, F-22)", async () => {
    const { SecurityGroupRules } = await ask("ec2", "describe_security_group_rules");
    const ssh = (SecurityGroupRules as Block[]).filter(
      ({ FromPort, IsEgress }) => FromPort === 22 && IsEgress === false,
    );

    expect(
      ssh
        .map(({ CidrIpv4, ReferencedGroupInfo }) => (CidrIpv4 as string) ?? (ReferencedGroupInfo ? "endpoint" : "?"))
        .sort(),
    ).toEqual(["198.51.100.0/24", "endpoint"]);
  });

  test("maps nodes, people and accounts in aws-auth, roles without their paths (FT-75, FT-76)", () => {
    const { data } = JSON.parse(readFileSync(join(state, "aws-auth.json"), "utf8")) as { data: Record<string, string> };
    const mapped = data
      .mapRoles!.trim()
      .split("\n")
      .map((line) => JSON.parse(line.slice(2)) as Block);

    expect(mapped.map(({ rolearn }) => (rolearn as string).replace(/-[0-9]+$/, ""))).toEqual([
      `${ROLE}/green-node`,
      `${ROLE}/green-managed`,
      `${ROLE}/ops`,
    ]);
    expect([data.mapUsers, data.mapAccounts]).toEqual([
      '- {"groups":["view"],"userarn":"arn:aws:iam::123456789012:user/ann","username":"ann"}\n',
      '- "210987654321"\n',
    ]);
  });

  test("has add-ons that give pods prefixes (FT-79, FT-80)", async () => {
    const { addon } = await ask("eks", "describe_addon", { clusterName: "green", addonName: "vpc-cni" });

    expect(JSON.parse((addon as Block).configurationValues as string)).toEqual({
      env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
    });
  });

  test("is given back whole (F-20)", async () => {
    await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

    expect(await leftovers(api, REGION)).toEqual({});
  }, 600_000);
});

describe("a cluster by access entries alone, open to the internet, with no NAT and an image of yours", () => {
  let terraform: Terraform;
  beforeAll(async () => {
    ({ terraform } = await terraformOf("red", {
      ...{
        clusterName: "red",
        kubernetesVersion: "1.32",
        authenticationMode: "API",
        nat: "none",
        availabilityZones: 2,
      },
      ...{ privateEndpoint: false, publicCidrs: ["0.0.0.0/0"], leastPrivilege: true, login: { ssm: true } },
      selfManagedGroups: { old: { operatingSystem: "al2", imageId: "ami-0a12000000000a12a" } },
      podIdentities: { s3: { namespace: "default", serviceAccount: "reader", roleArn: `${ROLE}/reader` } },
      access: {
        entries: {
          ann: {
            principalArn: "arn:aws:iam::123456789012:user/ann",
            groups: ["viewers"],
            policies: [
              { name: "AmazonEKSClusterAdminPolicy" },
              { name: "AmazonEKSViewPolicy", namespaces: ["default"] },
            ],
          },
        },
      },
      addons: { "aws-ebs-csi-driver": { podIdentities: { "ebs-csi-controller-sa": `${ROLE}/ebs` } } },
    }));
  }, 300_000);

  test("that stopped half-way is given back whole (F-20)", async () => {
    door.refuse(/^POST \/clusters /, 400, '{"__type":"InvalidParameterException","message":"The zone is full"}');
    const { status } = await apply(terraform);
    door.mend();
    expect(status).toBe(1);
    expect(await leftovers(api, REGION)).not.toEqual({});
    await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

    expect(await leftovers(api, REGION)).toEqual({});
  }, 600_000);

  test("is made by another apply, and then has nothing left to change (FT-77)", async () => {
    expect((await apply(terraform)).stderr).toBe("");
    expect(await terraform.succeed("plan", "-input=false", "-no-color")).toContain("No changes.");
  }, 900_000);

  test("is reached over the internet alone, and has no gateway (FT-61, FT-66)", async () => {
    const { cluster } = (await ask("eks", "describe_cluster", { name: "red" })) as { cluster: Block };
    const { NatGateways } = await ask("ec2", "describe_nat_gateways");

    expect(cluster).toMatchObject({
      resourcesVpcConfig: { endpointPublicAccess: true, endpointPrivateAccess: false },
      accessConfig: { authenticationMode: "API" },
    });
    expect((NatGateways as Block[]).filter(({ State }) => State !== "deleted")).toEqual([]);
  });

  test("lets nodes and people in by entries (FT-77)", async () => {
    const { accessEntries } = await ask("eks", "list_access_entries", { clusterName: "red" });
    const entries = await awsAnswers(
      api,
      REGION,
      (accessEntries as string[]).map((principalArn) => [
        "eks",
        "describe_access_entry",
        { clusterName: "red", principalArn },
      ]),
    );
    const { associatedAccessPolicies: policies } = await ask("eks", "list_associated_access_policies", {
      clusterName: "red",
      principalArn: "arn:aws:iam::123456789012:user/ann",
    });

    expect(
      entries
        .map(({ accessEntry }) => accessEntry as Block)
        .map(({ principalArn, type, kubernetesGroups }) => [
          (principalArn as string).replace(/-[0-9]+$/, ""),
          type as string,
          kubernetesGroups as string[],
        ])
        .sort(),
    ).toEqual([
      [`${ROLE}/red-node`, "EC2_LINUX", ["system:nodes"]],
      ["arn:aws:iam::123456789012:user/ann", "STANDARD", ["viewers"]],
    ]);
    expect(
      (policies as Block[]).map(({ policyArn, accessScope }) => [
        (policyArn as string).split("/")[1],
        accessScope as Block,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["AmazonEKSClusterAdminPolicy", { namespaces: [], type: "cluster" }],
        ["AmazonEKSViewPolicy", { namespaces: ["default"], type: "namespace" }],
      ]),
    );
  });

  test("leaves its roles what they need, and gives the CNI's pods one of their own (FT-63, FT-64)", async () => {
    const { Roles } = await ask("iam", "list_roles");
    const roles = (Roles as Block[]).filter(({ RoleName }) => (RoleName as string).startsWith("red-"));
    const policies = await awsAnswers(
      api,
      REGION,
      roles.map(({ RoleName }) => ["iam", "list_attached_role_policies", { RoleName: RoleName as string }]),
    );
    const attached = policies.map(({ AttachedPolicies }) => AttachedPolicies as Record<string, string>[]);
    const named = (name: string): string => name.replace(/-[0-9]+$/, "");
    const [{ PolicyArn }] = attached.flat().filter(({ PolicyName }) => PolicyName!.startsWith("red-node-")) as [Block];
    const { PolicyVersion } = await ask("iam", "get_policy_version", { PolicyArn, VersionId: "v1" });
    const trust = roles.find(({ RoleName }) => (RoleName as string).startsWith("red-cni-"))!.AssumeRolePolicyDocument;

    expect(
      Object.fromEntries(
        roles.map(({ RoleName }, index) => [
          named(RoleName as string),
          attached[index]!.map(({ PolicyName }) => named(PolicyName!)).sort(),
        ]),
      ),
    ).toEqual({
      "red-cluster": ["AmazonEKSClusterPolicy"],
      "red-node": ["AmazonEC2ContainerRegistryPullOnly", "red-node"],
      "red-cni": ["AmazonEKS_CNI_Policy"],
    });
    expect(
      (PolicyVersion.Document as { Statement: Block[] }).Statement.map(({ Action, Resource }) => [
        [Action].flat().length,
        Resource as string,
      ]),
    ).toEqual([
      [1, "arn:aws:eks:eu-west-1:123456789012:cluster/red"],
      [2, "*"],
      [5, "*"],
    ]);
    expect((trust as { Statement: Block[] }).Statement[0]).toMatchObject({
      Principal: { Service: "pods.eks.amazonaws.com" },
      Condition: {
        StringEquals: {
          "aws:RequestTag/eks-cluster-name": "red",
          "aws:RequestTag/kubernetes-namespace": "kube-system",
          "aws:RequestTag/kubernetes-service-account": "aws-node",
        },
      },
    });
  });

  test("gives pods roles, by the agent (FT-79)", async () => {
    const { associations } = await ask("eks", "list_pod_identity_associations", { clusterName: "red" });
    const found = await awsAnswers(
      api,
      REGION,
      (associations as Block[]).map(({ associationId }) => [
        "eks",
        "describe_pod_identity_association",
        { clusterName: "red", associationId: associationId as string },
      ]),
    );

    expect(
      found
        .map(({ association }) => association as Block)
        .map(({ serviceAccount, roleArn }) => [serviceAccount as string, (roleArn as string).replace(/-[0-9]+$/, "")])
        .sort(),
    ).toEqual([
      ["aws-node", `${ROLE}/red-cni`],
      ["ebs-csi-controller-sa", `${ROLE}/ebs`],
      ["reader", `${ROLE}/reader`],
    ]);
  });

  test("hands old nodes a compressed cloud-config that cloud-init takes, with eight files (FT-70, S2-46)", async () => {
    const { LaunchTemplates } = await ask("ec2", "describe_launch_templates");
    const [{ LaunchTemplateId }] = LaunchTemplates as [{ LaunchTemplateId: string }];
    const { LaunchTemplateVersions } = await ask("ec2", "describe_launch_template_versions", {
      LaunchTemplateId,
      Versions: ["$Latest"],
    });
    const [{ LaunchTemplateData }] = LaunchTemplateVersions as [{ LaunchTemplateData: { UserData: string } }];
    const text = gunzipSync(Buffer.from(LaunchTemplateData.UserData, "base64")).toString();
    const { write_files: files } = JSON.parse(text.replace(/^#cloud-config\n/, "")) as { write_files: Block[] };
    const content = (end: string): string =>
      files.find(({ path }) => (path as string).endsWith(end))!.content as string;
    const { cluster } = (await ask("eks", "describe_cluster", { name: "red" })) as { cluster: Block };

    expect(await cloudConfigVerdict(text)).toEqual({ status: 0, said: "Valid cloud-config: user-data" });
    expect(files).toHaveLength(8);
    expect(content("10-eks-node.conf")).toContain("--node-ip=${NODE_IP} \\\n");
    expect(content("bootstrap.al2.sh")).toBe(
      readFileSync(join(__dirname, "../../../scripts/eks-node/bootstrap.al2.sh"), "utf8"),
    );
    expect(content("metadata.env")).toBe(
      `AWS_DEFAULT_REGION=eu-west-1\nAWS_EKS_CLUSTER_NAME=red\nAWS_EKS_ENDPOINT=${cluster.endpoint}\n`,
    );
  });

  test("refuses a plan with a zone that the account cannot use, and with nodes of another account (FT-62, FT-76, F-19)", async () => {
    const { terraform: bad } = await terraformOf("zone", {
      clusterName: "zone",
      availabilityZones: ["eu-west-1a", "eu-west-1x"],
      access: {
        roles: ["123456789012", "210987654321"].map((account) => ({
          rolearn: `arn:aws:iam::${account}:role/theirs`,
          username: "system:node:{{EC2PrivateDNSName}}",
          groups: ["system:bootstrappers", "system:nodes"],
        })),
      },
    });

    expect((await bad.complaints()).map(({ detail }) => detail.replaceAll(/\s+/g, " ")).sort()).toEqual([
      "access.roles arn:aws:iam::210987654321:role/theirs must be of the account 123456789012, since it maps nodes, and the cluster learns the names of its own account's instances alone; leave system:nodes out, or name the role that the instances have here.",
      'availabilityZones ["eu-west-1x"] must be zones that this account can use and EKS takes; use some of eu-west-1a, eu-west-1b, eu-west-1c.',
    ]);
  }, 120_000);

  test("is given back whole (F-20)", async () => {
    await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");

    expect(await leftovers(api, REGION)).toEqual({});
  }, 600_000);
});
