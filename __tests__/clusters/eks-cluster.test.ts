import { TerraformVariable } from "cdktf";
import { EksCluster, type EksClusterProps } from "../../constructs";
import { eks, eksCluster, SMALL_EKS, step } from "../support/eks";
import { CORPORATE } from "../support/hybrid";
import { all, at, dependencies, named, only, references, withoutHash, type Block } from "../support/resources";
import { addresses, synth } from "../support/synth";

const small = eks();
const counts = (props: Partial<EksClusterProps>, ...types: string[]): number[] => {
  const stack = eks(props);
  return types.map((type) => all(stack, type).length);
};
const provisioners = (name: string) =>
  (step(small, name).provisioner as { "local-exec": { command: string; environment?: Record<string, string> } }[]).map(
    (provisioner) => provisioner["local-exec"],
  );

describe("by its name alone", () => {
  test("makes what eksctl makes, and aws-auth (FT-60, FT-68, S2-01, S2-32)", () => {
    const types = ["aws_vpc", "aws_subnet", "aws_internet_gateway", "aws_nat_gateway", "aws_eks_cluster"];
    const nodes = [
      "aws_autoscaling_group",
      "aws_launch_template",
      "aws_eks_node_group",
      "aws_iam_role",
      "aws_eks_addon",
    ];

    expect(counts({}, ...types, ...nodes)).toEqual([1, 6, 1, 1, 1, 1, 1, 0, 2, 3]);
  });

  test("lets nobody log in to nodes (FT-82, F-21)", () => {
    const { key_name: key } = only(small, "aws_launch_template");

    expect(key).toBeUndefined();
    expect(all(small, "aws_vpc_security_group_ingress_rule").filter(({ from_port: port }) => port === 22)).toEqual([]);
  });

  test("gives the same twice, with zones that are not left to chance (FT-62, F-19)", () => {
    expect(eks().json).toBe(small.json);
    expect(only({ ...small, resource: small.data }, "aws_availability_zones").exclude_zone_ids).toEqual([
      "use1-az3",
      "usw1-az2",
      "cac1-az3",
    ]);
  });

  test("names no image, but asks for the newest of the version (FT-68, S2-10)", () => {
    expect(small.json).not.toMatch(/ami-[0-9a-f]{8}/);
    expect(only({ ...small, resource: small.data }, "aws_ssm_parameter").name).toBe(
      "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended/image_id",
    );
  });
});

describe("nodes", () => {
  const group = only(small, "aws_autoscaling_group");

  test("wait for aws-auth, for every policy of their role, and for the add-ons that give pods addresses (FT-68, FT-75, FT-79, FT-81, F-18, F-23, F-25)", () => {
    expect(dependencies(group)).toEqual(
      expect.arrayContaining([
        "null_resource.cluster_aws-auth",
        "aws_iam_instance_profile.cluster_node-role_profile",
        "aws_iam_role_policy_attachment.cluster_node-role_policy-AmazonEKSWorkerNodePolicy",
        "aws_iam_role_policy_attachment.cluster_node-role_policy-AmazonEC2ContainerRegistryReadOnly",
        "aws_iam_role_policy_attachment.cluster_node-role_policy-AmazonEKS_CNI_Policy",
        "aws_eks_addon.cluster_addons_vpc-cni",
        "aws_eks_addon.cluster_addons_kube-proxy",
        "aws_route.cluster_network_internet",
      ]),
    );
  });

  test("are waited for, and CoreDNS waits with them (FT-78, FT-79)", () => {
    expect(dependencies(step(small, "nodes"))).toContain("aws_autoscaling_group.cluster_group-workers");
    expect(dependencies(at(small, "aws_eks_addon", "cluster_late-addons_coredns"))).toContain(
      "null_resource.cluster_nodes",
    );
  });

  test("are reached by no provisioner: nothing is known of machines that a group makes (LD-13)", () => {
    expect(small.json).not.toMatch(/"connection"|"remote-exec"/);
  });

  test.each([
    ["CONFIG_MAP", { aws_eks_access_entry: 0, "aws-auth": 1 }],
    ["API_AND_CONFIG_MAP", { aws_eks_access_entry: 0, "aws-auth": 1 }],
    ["API", { aws_eks_access_entry: 1, "aws-auth": 0 }],
  ] as const)("in mode %s are let in so: %j (FT-77)", (authenticationMode, expected) => {
    const stack = eks({ authenticationMode });
    const steps = Object.keys(named(stack, "null_resource")).filter((name) => name === "cluster_aws-auth");

    expect({ aws_eks_access_entry: all(stack, "aws_eks_access_entry").length, "aws-auth": steps.length }).toEqual(
      expected,
    );
  });

  test.each([
    ["CONFIG_MAP", ["node-role", "managed-role"]],
    ["API_AND_CONFIG_MAP", ["node-role"]],
  ] as const)(
    "of managed groups are in aws-auth in mode %s alone, where EKS writes them there too (LD-12)",
    (authenticationMode, roles) => {
      const stack = eks({ authenticationMode, selfManagedGroups: { workers: {} }, managedGroups: { kept: {} } });
      const { MAP_ROLES_JSON } = step(stack, "aws-auth").triggers as { MAP_ROLES_JSON: string };

      expect([...MAP_ROLES_JSON.matchAll(/aws_iam_role\.cluster_([a-z-]+)_/g)].map(([, name]) => name)).toEqual(roles);
    },
  );

  test("that an autoscaler counts keep its count, and those that must stay are not destroyed (FT-68, FT-69)", () => {
    const kept = { ignoreDesired: true, preventDestroy: true };
    const stack = eks({ selfManagedGroups: { workers: kept }, managedGroups: { kept } });

    expect([only(stack, "aws_autoscaling_group").lifecycle, only(stack, "aws_eks_node_group").lifecycle]).toEqual([
      { ignore_changes: ["desired_capacity"], prevent_destroy: true },
      { create_before_destroy: true, ignore_changes: ["scaling_config[0].desired_size"], prevent_destroy: true },
    ]);
  });

  test("in one more group add their own addresses and change none (FT-68)", () => {
    const more = addresses(eks({ selfManagedGroups: { workers: {}, more: {} } }));

    expect(more).toEqual(expect.arrayContaining(addresses(small)));
    expect(more.filter((address) => !addresses(small).includes(address)).map(withoutHash)).toEqual([
      "aws_autoscaling_group.cluster_group-more",
      "aws_launch_template.cluster_group-more_template",
    ]);
  });
});

describe("the network", () => {
  test.each([
    ["single", 1],
    ["per-zone", 3],
    ["none", 0],
  ] as const)("with NAT %s has %i gateways (FT-61)", (nat, gateways) => {
    expect(counts({ nat }, "aws_nat_gateway", "aws_eip")).toEqual([gateways, gateways]);
  });

  test("keeps the zones that are named, in their order (FT-62, S2-03)", () => {
    const availabilityZones = ["ap-northeast-1c", "ap-northeast-1d", "ap-northeast-1b"];
    const zones = all(eks({ availabilityZones }), "aws_subnet").map(({ cidr_block: cidr, availability_zone: zone }) => [
      cidr as string,
      zone as string,
    ]);

    expect(Object.fromEntries(zones)).toEqual({
      "192.168.0.0/19": "ap-northeast-1c",
      "192.168.32.0/19": "ap-northeast-1d",
      "192.168.64.0/19": "ap-northeast-1b",
      "192.168.96.0/19": "ap-northeast-1c",
      "192.168.128.0/19": "ap-northeast-1d",
      "192.168.160.0/19": "ap-northeast-1b",
    });
  });
});

describe("in a private network that is there", () => {
  const stack = eks({
    existingNetwork: CORPORATE,
    proxy: { url: "http://10.1.2.3:3128", exceptions: [".corp.example"] },
    managedGroups: { kept: {} },
    selfManagedGroups: { workers: {} },
  });
  const ids = CORPORATE.subnets.map((_, index) => `data.aws_subnet.cluster_network_subnet${index === 0 ? "" : "-1"}`);

  test("makes nothing of a network, and nothing that faces the internet (FT-66, FT-85, FT-86, F-34)", () => {
    const types = Object.keys(stack.resource);
    const { vpc_config: network } = only(stack, "aws_eks_cluster") as { vpc_config: Block };

    expect(
      types.filter((type) => /^aws_(vpc|subnet|route.*|internet_gateway|nat_gateway|eip|default_.*)$/.test(type)),
    ).toEqual([]);
    expect([network.endpoint_private_access, network.endpoint_public_access]).toEqual([true, false]);
  });

  test("puts control plane and nodes of both kinds into its subnets (FT-68, FT-69, FT-86)", () => {
    const [cluster] = all(stack, "aws_eks_cluster");
    const places = [
      cluster!.vpc_config.subnet_ids,
      only(stack, "aws_autoscaling_group").vpc_zone_identifier,
      only(stack, "aws_eks_node_group").subnet_ids,
    ] as unknown[];

    for (const place of places) expect(references(place).map(withoutHash).sort()).toEqual(ids);
  });

  test("tells nodes of both kinds the way out, and that the API needs none (FT-71)", () => {
    const texts = Object.values(stack.locals).map(String);

    expect(texts).toHaveLength(2);
    for (const text of texts) {
      expect(text).toContain('"HTTPS_PROXY": "http://10.1.2.3:3128"');
      expect(text).toMatch(
        /"NO_PROXY": "localhost,127\.0\.0\.0\/8,::1,169\.254\.169\.254,[^"]*,172\.20\.0\.0\/16,10\.100\.0\.0\/16,\.svc,\.cluster\.local,\$\{trimprefix\(aws_eks_cluster\.[^"]*"https:\/\/"\)\},\.corp\.example"/,
      );
    }
  });
});

test("without nodes, cluster DNS runs on Fargate (FT-65, FT-79)", () => {
  const stack = eks({ fargateProfiles: { all: [{ namespace: "*" }] } });

  expect(all(stack, "aws_autoscaling_group")).toEqual([]);
  expect(at(stack, "aws_eks_addon", "cluster_late-addons_coredns").configuration_values).toBe(
    '{"computeType":"Fargate"}',
  );
  expect(dependencies(at(stack, "aws_eks_addon", "cluster_late-addons_coredns"))).toContain(
    "aws_eks_fargate_profile.cluster_fargate_all",
  );
});

describe("pods in subnets of their own", () => {
  const stack = eks({ podSubnets: { "eu-west-1a": "subnet-0a", "eu-west-1b": "subnet-0b" } });

  test("get their addresses there, and leave the node's first interface alone (FT-80)", () => {
    const { configuration_values: text } = at(stack, "aws_eks_addon", "cluster_addons_vpc-cni");
    const { env, eniConfig } = JSON.parse(text as string) as { env: object; eniConfig: { subnets: object } };

    expect(env).toEqual({
      AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true",
      ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone",
    });
    expect(Object.entries(eniConfig.subnets).map(([zone, { id }]) => [zone, id as string])).toEqual([
      ["eu-west-1a", "subnet-0a"],
      ["eu-west-1b", "subnet-0b"],
    ]);
    expect(JSON.stringify(stack.locals)).toContain('\\"maxPods\\": 20');
  });

  // m5.large: two interfaces of 10 addresses; with prefixes, an interface's own, and two of 16.
  test.each([
    [false, 20],
    [true, 33],
  ])(
    "must be of their zones, with room for pods' interfaces (prefixes: %s) (FT-80, F-27)",
    (prefixDelegation, each) => {
      const { data } = eks({
        podSubnets: { "eu-west-1a": "subnet-0a", "eu-west-1b": "subnet-0b" },
        ...{ prefixDelegation, selfManagedGroups: { workers: { max: 5 } } },
      });
      const found = Object.entries(data["aws_subnet"] as Record<string, Block>).map(([name, { id, lifecycle }]) => [
        withoutHash(name),
        id as string,
        (lifecycle.postcondition as { condition: string }[]).map(({ condition }) => condition),
      ]);

      expect(found).toEqual(
        ["a", "b"].map((zone) => [
          `cluster_pod-room-eu-west-1${zone}_subnet`,
          `subnet-0${zone}`,
          [
            expect.stringMatching(
              new RegExp(
                String.raw`^\$\{contains\(data\.aws_eks_clusters\.[^)]+\.names, "blue"\) \|\| self\.available_ip_address_count >= ${3 * each}\}$`,
              ),
            ),
            `\${self.availability_zone == "eu-west-1${zone}"}`,
          ],
        ]),
      );
    },
  );
});

describe("a step", () => {
  test.each(["aws-auth", "nodes"])(
    "%s gets a token of this apply, once what it waits for is there, since one lives for 15 minutes (FT-75, FT-78)",
    (name) => {
      const [, token] = Object.entries(small.ephemeral.aws_eks_cluster_auth!).find(([id]) =>
        id.startsWith(`cluster_${name}_`),
      )!;

      expect(token).toEqual({ name: "blue", depends_on: step(small, name).depends_on });
      expect(small.data.aws_eks_cluster_auth).toBeUndefined();
    },
  );

  test.each(["aws-auth", "nodes"])(
    "%s hands the token over in a file that nobody else reads, and shows what it prints (FT-75, FT-78)",
    (name) => {
      const [hand, run] = provisioners(name);

      expect(hand!.command).toMatch(/^umask 077 /);
      expect(references(hand!.environment).map(withoutHash)).toContain(`aws_eks_cluster_auth.cluster_${name}_token`);
      expect(JSON.stringify(run)).not.toContain("aws_eks_cluster_auth");
      expect(run!.environment!.TOKEN_FILE).toBe(hand!.environment!.TOKEN_FILE);
    },
  );

  test("is checked for what it needs before anything is made, in a network of ours or of others (FT-75)", () => {
    const props: Partial<EksClusterProps> = {
      ...{ logs: ["api"], secretsEncryption: {}, legacyPolicies: true, leastPrivilege: true, oidcProvider: true },
      login: { ssh: { publicKey: "ssh-ed25519 AAAA", cidrs: ["198.51.100.0/24"] }, instanceConnect: true },
      selfManagedGroups: { workers: { subnets: "private" } },
      ...{ managedGroups: { kept: { subnets: "private" } }, fargateProfiles: { all: [{ namespace: "*" }] } },
    };
    // Those that choose a version, and so make nothing, need not wait.
    const free = (address: string): boolean => /^null_resource\..*-pin_[0-9A-F]+$/.test(address);

    for (const stack of [eks(props), eks({ ...props, existingNetwork: CORPORATE })]) {
      const blocks = Object.entries({ ...stack.resource }).flatMap(([type, made]) =>
        Object.entries(made).map(([name, block]): [string, string[]] => [`${type}.${name}`, references(block)]),
      );
      const waiting = new Set(
        blocks.filter(([address]) => /^null_resource\.cluster_tools_/.test(address)).map(([one]) => one),
      );
      for (let before = 0; before < waiting.size;) {
        before = waiting.size;
        for (const [address, needs] of blocks) if (needs.some((one) => waiting.has(one))) waiting.add(address);
      }

      expect(blocks.map(([address]) => address).filter((address) => !waiting.has(address) && !free(address))).toEqual(
        [],
      );
    }
  });
});

describe("aws-auth", () => {
  const mapping = (rolearn: string): string => {
    const stack = synth((scope) => {
      const given = new TerraformVariable(scope, "role", { type: "string" }).stringValue;
      const roles = [{ rolearn: rolearn === "" ? given : rolearn, username: "ops", groups: [] }];
      eksCluster(scope, { access: { roles } });
    });
    return (step(stack, "aws-auth").triggers as { MAP_ROLES_JSON: string }).MAP_ROLES_JSON;
  };

  test("has the braces of a node's name as they are (FT-75, S3-11)", () => {
    expect(mapping("arn:aws:iam::123456789012:role/ops")).toContain('"username":"system:node:{{EC2PrivateDNSName}}"');
  });

  test("has roles without their paths, even those that Terraform alone knows (FT-76)", () => {
    expect(mapping("arn:aws:iam::123456789012:role/teams/eu/ops")).toContain('"arn:aws:iam::123456789012:role/ops"');
    expect(mapping("")).toContain('"rolearn":"${replace(var.role, "/:role/.+//", ":role/")}"');
  });
});

test("says everything that is wrong at once, each with path, value, rule and cure (FT-80, FT-76)", () => {
  const bad = (): unknown =>
    eks({
      clusterName: "Blue",
      selfManagedGroups: { workers: { instanceTypes: ["t3.mediun"] } },
      access: { roles: [{ rolearn: "arn:aws:iam::123456789012:instance-profile/x", username: "x", groups: [] }] },
    });

  expect(bad).toThrow(
    /EKS cluster 'cluster' has 3 problems:\n {2}- clusterName "Blue" must .+; .+\n {2}- selfManagedGroups\.workers\.instanceTypes\[0\] .+t3\.medium.+\n {2}- access\.roles\[0\] .+/,
  );
});

test("is a construct like any other, under a name of its user's choice (FT-02)", () => {
  const two = synth((stack) => {
    new EksCluster(stack, "one", SMALL_EKS);
    new EksCluster(stack, "two", { clusterName: "green" });
  });

  expect(all(two, "aws_eks_cluster").map(({ name }) => name as string)).toEqual(["blue", "green"]);
});
