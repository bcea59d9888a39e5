import { UBUNTU_2404, type Access, type HardWayClusterProps } from "../../constructs";
import { hardWay } from "../support/hard-way";
import { all, at, dependencies, named, only, references, resources, withoutHash } from "../support/resources";
import { addresses } from "../support/synth";

const BEHIND: Partial<HardWayClusterProps> = {
  topology: "private",
  nat: "single",
  bastion: {},
  operatingSystem: UBUNTU_2404,
};
const short = (address: string): string => withoutHash(address).replace("cluster_", "");
/** What a mode has beyond `none`, and what it has not. */
const difference = (access: Access, props: Partial<HardWayClusterProps> = BEHIND) => {
  const [none, mode] = [addresses(hardWay({ ...props, access: "none" })), addresses(hardWay({ ...props, access }))];
  return {
    more: mode.filter((address) => !none.includes(address)).map(short),
    less: none.filter((address) => !mode.includes(address)).map(short),
  };
};

test("none: people have no way in, and the bootstrap has its own through the bastion (FT-20)", () => {
  const rules = Object.entries(named(hardWay({ ...BEHIND, access: "none" }), "aws_vpc_security_group_ingress_rule"));

  expect(
    rules
      .filter(([, { from_port }]) => from_port === 22)
      .map(([name]) => name.replace("cluster_security-groups_", ""))
      .sort(),
  ).toEqual(["admin-ssh-bastion", "bastion-ssh-control-plane", "bastion-ssh-worker"]);
});

test("ssh adds port 22 of the machines for people's blocks, and nothing else (FT-20, F-16)", () => {
  expect(difference("ssh")).toEqual({
    more: [
      "aws_vpc_security_group_ingress_rule.security-groups_admin-ssh-control-plane",
      "aws_vpc_security_group_ingress_rule.security-groups_admin-ssh-worker",
    ],
    less: [],
  });
});

test("ssm adds its policy to every machine's role, and nothing else (FT-20, F-22)", () => {
  expect(difference("ssm")).toEqual({
    more: ["bastion", "control-plane", "worker"].map(
      (role) => `aws_iam_role_policy_attachment.${role}-role_policy-AmazonSSMManagedInstanceCore`,
    ),
    less: [],
  });
  for (const attachment of all(hardWay({ ...BEHIND, access: "ssm" }), "aws_iam_role_policy_attachment"))
    expect(attachment.policy_arn).toMatch(
      /^arn:\$\{data\.aws_partition\.[^}]+\.partition\}:iam::aws:policy\/AmazonSSMManagedInstanceCore$/,
    );
});

test("instanceConnect adds the endpoint, its group and port 22 from it, and nothing else (FT-20, F-21, F-22)", () => {
  expect(difference("instanceConnect")).toEqual({
    more: [
      "aws_ec2_instance_connect_endpoint.instance-connect",
      "aws_security_group.security-groups_instance-connect",
      "aws_vpc_security_group_egress_rule.security-groups_egress-instance-connect",
      "aws_vpc_security_group_ingress_rule.security-groups_instance-connect-control-plane",
      "aws_vpc_security_group_ingress_rule.security-groups_instance-connect-worker",
    ],
    less: [],
  });
});

test("the endpoint stands in the machines' subnet, in its own group, and hides who comes (FT-20, F-22)", () => {
  const endpoint = only(hardWay({ ...BEHIND, access: "instanceConnect" }), "aws_ec2_instance_connect_endpoint");

  expect(endpoint).toMatchObject({ preserve_client_ip: false });
  expect(references([endpoint.subnet_id, endpoint.security_group_ids]).map(withoutHash)).toEqual([
    "aws_security_group.cluster_security-groups_instance-connect",
    "aws_subnet.cluster_network_private",
  ]);
});

test("the endpoint and a bastion come after the machines, whose fixed addresses they might take (FT-15)", () => {
  const stack = hardWay({ bastion: {}, access: "instanceConnect" });
  const nodes = Object.keys(named(stack, "aws_instance")).filter((name) => name !== "cluster_bastion");

  for (const later of [only(stack, "aws_ec2_instance_connect_endpoint"), at(stack, "aws_instance", "cluster_bastion")])
    expect(dependencies(later)).toEqual(expect.arrayContaining(nodes.map((name) => `aws_instance.${name}`)));
  expect(nodes).toEqual(["cluster_control-plane_0", "cluster_worker_0"]);
});

test.each(["ssm", "instanceConnect", "none"] as const)(
  "%s leaves the bootstrap port 22 where it logs in directly (FT-20)",
  (access) => {
    const stack = hardWay({ access, operatingSystem: UBUNTU_2404 });
    const rules = Object.keys(named(stack, "aws_vpc_security_group_ingress_rule"));

    expect(rules).toContain("cluster_security-groups_admin-ssh-worker");
  },
);

test.each(["ssh", "ssm", "instanceConnect", "none"] as const)(
  "%s leaves machines with metadata by token only, and the rules between nodes as they are (FT-20, F-22)",
  (access) => {
    const stack = hardWay({ ...BEHIND, access });

    for (const machine of all(stack, "aws_instance"))
      expect(machine.metadata_options).toMatchObject({ http_tokens: "required" });
    expect(Object.keys(named(stack, "aws_vpc_security_group_ingress_rule"))).toEqual(
      expect.arrayContaining(["etcd", "worker-worker", "pods-worker"].map((id) => `cluster_security-groups_${id}`)),
    );
  },
);

test("policies are attached to the roles that they are for (FT-20)", () => {
  const arn = (name: string): string => `arn:aws:iam::123456789012:policy/${name}`;
  const stack = hardWay({
    iam: {
      policies: { controlPlane: { volumes: arn("volumes") }, workers: { registry: arn("registry") } },
      permissionsBoundary: arn("boundary"),
    },
  });

  expect(
    Object.entries(named(stack, "aws_iam_role_policy_attachment")).map(([name, { policy_arn }]) => [name, policy_arn]),
  ).toEqual([
    ["cluster_control-plane-role_policy-volumes", arn("volumes")],
    ["cluster_worker-role_policy-registry", arn("registry")],
  ]);
  expect(all(stack, "aws_iam_role").map(({ permissions_boundary }) => permissions_boundary as string)).toEqual([
    arn("boundary"),
    arn("boundary"),
  ]);
});

describe("flow logs", () => {
  test("are written only where they are asked for", () => {
    expect(hardWay().json).not.toContain("aws_flow_log");
  });

  test("go to a log group that forgets, by a role that may do that alone", () => {
    const stack = hardWay({ flowLogs: { retentionDays: 90 } });

    expect(only(stack, "aws_cloudwatch_log_group")).toMatchObject({ name: "/blue/flow-logs", retention_in_days: 90 });
    expect(only(stack, "aws_flow_log")).toMatchObject({
      traffic_type: "ALL",
      log_destination_type: "cloud-watch-logs",
      log_destination: expect.stringContaining("aws_cloudwatch_log_group.") as string,
      iam_role_arn: expect.stringContaining("aws_iam_role.cluster_flow-logs_role") as string,
      vpc_id: expect.stringContaining("aws_vpc.cluster_network") as string,
    });
    const write = Object.entries(stack.data["aws_iam_policy_document"]!).find(
      ([name]) => withoutHash(name) === "cluster_flow-logs_write",
    )![1] as { statement: { actions: string[]; resources: string[] }[] };
    expect(write.statement).toHaveLength(1);
    expect(write.statement[0]!.actions.filter((action) => !action.startsWith("logs:"))).toEqual([]);
    expect(write.statement[0]!.resources.filter((resource) => !resource.includes("aws_cloudwatch_log_group."))).toEqual(
      [],
    );
  });

  test("are kept for 30 days if nothing else is said", () => {
    expect(only(hardWay({ flowLogs: {} }), "aws_cloudwatch_log_group")).toMatchObject({ retention_in_days: 30 });
  });

  test("go to a bucket without a role or a log group", () => {
    const stack = hardWay({ flowLogs: { bucketArn: "arn:aws:s3:::flow-logs" } });

    expect(only(stack, "aws_flow_log")).toMatchObject({
      log_destination_type: "s3",
      log_destination: "arn:aws:s3:::flow-logs",
    });
    expect(resources(stack, "aws_cloudwatch_log_group")).toEqual({});
    expect(Object.keys(resources(stack, "aws_iam_role"))).toHaveLength(2);
  });
});

test("the VPC's default security group has no rule, so what is in no group of ours reaches nothing (FT-08)", () => {
  const group = only(hardWay(), "aws_default_security_group");

  expect(group).not.toHaveProperty("ingress");
  expect(group).not.toHaveProperty("egress");
  expect(references(group.vpc_id).map(withoutHash)).toEqual(["aws_vpc.cluster_network"]);
});
