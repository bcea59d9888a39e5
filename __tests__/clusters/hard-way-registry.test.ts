import type { ContainerRegistrySettings, HardWayClusterProps } from "../../constructs";
import { cluster, env, hardWay, stage, stages } from "../support/hard-way";
import { all, at, dependencies, named, only } from "../support/resources";
import { addresses, synth, type Synthesised } from "../support/synth";

const registry = (settings: ContainerRegistrySettings = {}, props: Partial<HardWayClusterProps> = {}): Synthesised =>
  hardWay({ ...props, containerRegistry: settings });
const statements = (stack: Synthesised, id: string): { actions: string[]; resources: string[] }[] =>
  Object.entries(stack.data["aws_iam_policy_document"] ?? {}).find(([name]) => name.includes(id))![1][
    "statement"
  ] as never;
const two = registry({
  repositories: {
    app: {},
    "team/web": { kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234", scanOnPush: false, mutableTags: true },
  },
  pullThrough: {
    kubernetes: { registry: "registry.k8s.io" },
    hub: {
      registry: "registry-1.docker.io",
      credentialArn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf",
    },
  },
});

test("without containerRegistry there is nothing of ECR (FT-89)", () => {
  const none = hardWay();

  expect(addresses(none).join("\n")).not.toMatch(/aws_ecr_|aws_iam_role_policy\./);
  expect(Object.keys(stages(none)).filter((name) => name.startsWith("image-credentials"))).toEqual([]);
  expect(env(none, "worker/worker-0")["KUBELET_ARGUMENTS"]).toBe("");
});

test("workers may read images by exactly seven actions, and controllers may not (FT-89, F-31, F-32)", () => {
  const stack = registry();

  expect(statements(stack, "container-registry_read")).toEqual([
    {
      actions: [
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetRepositoryPolicy",
        "ecr:DescribeRepositories",
        "ecr:ListImages",
        "ecr:BatchGetImage",
      ],
      resources: ["*"],
    },
  ]);
  expect(only(stack, "aws_iam_role_policy")).toMatchObject({
    name: "ecr-read",
    role: expect.stringContaining("aws_iam_role.cluster_worker-role_") as string,
  });
});

test("pods do not reach the role of their node, since its metadata is a hop away (FT-89, F-32)", () => {
  for (const { metadata_options } of all(two, "aws_instance"))
    expect(metadata_options).toMatchObject({ http_put_response_hop_limit: 1, http_tokens: "required" });
});

test("what a pull imports may be made below the prefixes of the rules alone (FT-89)", () => {
  const [statement] = statements(two, "container-registry_import");

  expect(statement!.actions).toEqual(["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]);
  expect(statement!.resources).toHaveLength(2);
  for (const [index, prefix] of ["kubernetes", "hub"].entries())
    expect(statement!.resources[index]).toMatch(
      new RegExp(`^arn:\\$\\{data\\.aws_partition\\..*:ecr:.*:repository/${prefix}/\\*$`),
    );
  expect(Object.keys(named(two, "aws_iam_role_policy"))).toEqual([
    "cluster_worker-role_inline-ecr-pull-through",
    "cluster_worker-role_inline-ecr-read",
  ]);
});

test("repositories are encrypted, scanned, of tags that stay, and lose what is old; each may say otherwise (FT-89)", () => {
  const repository = (name: string) => at(two, "aws_ecr_repository", `cluster_container-registry_repository-${name}`);
  const lifecycle = at(two, "aws_ecr_lifecycle_policy", "cluster_container-registry_lifecycle-app");

  expect(repository("app")).toMatchObject({
    name: "blue/app",
    image_tag_mutability: "IMMUTABLE",
    image_scanning_configuration: { scan_on_push: true },
    encryption_configuration: [{ encryption_type: "AES256" }],
  });
  const [web] = all(two, "aws_ecr_repository").filter(({ name }) => name === "blue/team/web");
  expect(web).toMatchObject({
    image_tag_mutability: "MUTABLE",
    image_scanning_configuration: { scan_on_push: false },
    encryption_configuration: [{ encryption_type: "KMS", kms_key: "arn:aws:kms:eu-west-1:123456789012:key/1234" }],
  });
  const { rules } = JSON.parse(lifecycle["policy"] as string) as {
    rules: { rulePriority: number; selection: Record<string, unknown> }[];
  };
  expect(rules.map(({ rulePriority, selection }) => [rulePriority, selection])).toEqual([
    [1, { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 }],
    [2, { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 100 }],
  ]);
});

test("pull-through rules name the registry behind them, and its user where it asks for one (FT-89)", () => {
  expect(all(two, "aws_ecr_pull_through_cache_rule")).toEqual([
    {
      ecr_repository_prefix: "hub",
      upstream_registry_url: "registry-1.docker.io",
      credential_arn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf",
    },
    { ecr_repository_prefix: "kubernetes", upstream_registry_url: "registry.k8s.io" },
  ]);
});

test("kubelet asks the credential provider, which is there before it and on workers alone (FT-89)", () => {
  const stack = registry({}, { extraArguments: { kubelet: { v: "3" } } });

  expect(Object.keys(stages(stack)).filter((name) => name.startsWith("image-credentials"))).toEqual([
    "image-credentials/worker-0",
  ]);
  expect(env(stack, "image-credentials/worker-0")).toEqual({
    NODE_NAME: "worker-0",
    ECR_CREDENTIAL_PROVIDER_URL:
      "https://artifacts.k8s.io/binaries/cloud-provider-aws/v1.37.0/linux/amd64/ecr-credential-provider-linux-amd64",
    ECR_CREDENTIAL_PROVIDER_SHA256: "",
  });
  expect(env(stack, "worker/worker-0")["KUBELET_ARGUMENTS"]).toBe(
    "--image-credential-provider-bin-dir=/usr/local/bin" +
      " --image-credential-provider-config=/etc/kubernetes/image-credential-provider.yaml --v=3",
  );
  expect(dependencies(stage(stack, "worker/worker-0"))).toContain(
    "null_resource.cluster_stage-image-credentials_worker-0",
  );
});

test("a mirror's list has the credential provider where it is fetched, and the file with its sum (FT-87, FT-89)", () => {
  let list: readonly { name: string; version: string; sums: string }[] = [];
  synth((stack) => void (list = cluster(stack, { containerRegistry: {} }).mirrorList.files));

  expect(list.find(({ name }) => name === "ecr-credential-provider")).toMatchObject({
    version: "1.37.0",
    sums: expect.stringMatching(/ecr-credential-provider-linux-amd64\.sha256$/) as string,
  });
});

describe("roles", () => {
  const DOCUMENT = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::backups/*" }],
  });

  test("get policies of their own, each its own (FT-90)", () => {
    const stack = hardWay({
      iam: { inlinePolicies: { controlPlane: { backups: DOCUMENT }, workers: { read: DOCUMENT } } },
    });

    expect(
      Object.entries(named(stack, "aws_iam_role_policy")).map(([name, { role, policy }]) => [
        name,
        (role as string).replace(/_[0-9A-F]{8}/, ""),
        policy,
      ]),
    ).toEqual([
      ["cluster_control-plane-role_inline-backups", "${aws_iam_role.cluster_control-plane-role.name}", DOCUMENT],
      ["cluster_worker-role_inline-read", "${aws_iam_role.cluster_worker-role.name}", DOCUMENT],
    ]);
  });

  test("that are there are used by the names of their profiles, and nothing is made for them (FT-90)", () => {
    const stack = hardWay({ iam: { instanceProfiles: { controlPlane: "corp-master", workers: "corp-node" } } });

    expect(addresses(stack).join("\n")).not.toMatch(/aws_iam_/);
    expect(Object.values(stack.data["aws_iam_instance_profile"] ?? {}).map(({ name }) => name)).toEqual([
      "corp-master",
      "corp-node",
    ]);
    expect(all(stack, "aws_instance").map(({ iam_instance_profile }) => iam_instance_profile)).toEqual([
      expect.stringContaining("data.aws_iam_instance_profile.cluster_control-plane-profile_") as string,
      expect.stringContaining("data.aws_iam_instance_profile.cluster_worker-profile_") as string,
    ]);
  });
});
