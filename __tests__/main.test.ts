import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthMain } from "./support/main-stack";
import { references, type Block } from "./support/resources";

const REPOSITORY = join(__dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "main-"));
let json: string;
let elsewhere: string;
let stack: Record<"variable" | "output" | "resource" | "locals" | "terraform" | "provider", Record<string, Block>>;

const run = async (name: string, from: string): Promise<string> =>
  readFileSync(join(await synthMain(join(scratch, name), from), "cdk.tf.json"), "utf8");

beforeAll(async () => {
  [json, elsewhere] = await Promise.all([run("here", REPOSITORY), run("there", scratch)]);
  stack = JSON.parse(json) as typeof stack;
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("synthesises a stack with plain node, without the cdktf command (FT-01, FT-02)", () => {
  expect(Object.keys(stack)).toEqual(
    expect.arrayContaining(["terraform", "provider", "resource", "variable", "output"]),
  );
});

test("gives the same bytes from any working directory (FT-01)", () => {
  expect(elsewhere).toBe(json);
});

test("names no path of the machine it was made on (FT-01)", () => {
  expect([REPOSITORY, scratch].filter((path) => json.includes(path))).toEqual([]);
});

test("keeps the state beside the stack, wherever that lies (FT-02)", () => {
  expect(stack.terraform.backend).toEqual({ local: { path: "terraform.tfstate" } });
});

test("keeps the state of each cluster under a key of its own in S3, and wants the bucket's region (LD-14)", async () => {
  const folder = await synthMain(join(scratch, "s3"), REPOSITORY, {
    ...{ STATE_BUCKET: "states", STATE_REGION: "eu-west-1", STATE_FOLDER: "eu/prod" },
  });
  const { backend } = (JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as typeof stack).terraform;

  expect(backend).toEqual({
    s3: {
      bucket: "states",
      region: "eu-west-1",
      key: "eu/prod/hard-way/terraform.tfstate",
      encrypt: true,
      use_lockfile: true,
    },
  });
  await expect(synthMain(join(scratch, "none"), REPOSITORY, { STATE_BUCKET: "states" })).rejects.toThrow(
    "STATE_BUCKET states needs STATE_REGION: name the bucket's region, such as eu-west-1",
  );
}, 60_000);

test("has a provider for everything that it makes (FT-02)", () => {
  const providers = new Set(Object.keys(stack.resource).map((type) => type.split("_")[0]!));

  expect(Object.keys(stack.provider)).toEqual(expect.arrayContaining([...providers]));
});

test("asks a pipeline for these values, with these defaults (FT-02)", () => {
  const defaults = Object.entries(stack.variable).map(([name, { default: value }]) => [name, value as unknown]);

  expect(Object.fromEntries(defaults.filter(([name]) => name !== "checksums"))).toEqual({
    region: undefined,
    admin_cidrs: undefined,
    ssh_address: "public",
    ssh_timeout: "5m",
    download_mirror: "",
    image_mirror: "",
    package_mirror: "",
  });
});

test("by default a file's sum is found under its URL (FT-42)", () => {
  const { default: sums } = stack.variable.checksums as { default: Record<string, string> };

  expect(Object.keys(sums).sort()).toEqual([
    "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver",
    "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-controller-manager",
    "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-proxy",
    "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-scheduler",
    "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl",
    "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet",
    "github.com/containerd/containerd/releases/download/v2.3.4/containerd-2.3.4-linux-amd64.tar.gz",
    "github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-amd64-v1.9.1.tgz",
    "github.com/opencontainers/runc/releases/download/v1.4.3/runc.amd64",
  ]);
});

test("every sum that a stage looks up is one of the variable's, but etcd's (FT-42)", () => {
  const { default: sums } = stack.variable.checksums as { default: Record<string, string> };
  const asked = [...json.matchAll(/var\.checksums\[\\"([^"\\]+)\\"\]/g)].map(([, path]) => path!);

  expect([...new Set(asked)].filter((path) => !(path in sums))).toEqual([
    "github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz",
  ]);
});

test("a pipeline must name its region: there is none by default (F-10)", () => {
  expect(stack.variable.region).not.toHaveProperty("default");
});

test("every variable says what it is, has a type, and takes no null (FT-02)", () => {
  const poor = Object.entries(stack.variable).filter(
    ([, { description, type, nullable }]) => !description || !type || nullable !== false,
  );

  expect(poor).toEqual([]);
});

test("every variable refuses bad values with a sentence (FT-02)", () => {
  const unguarded = Object.entries(stack.variable).filter(([, { validation }]) => {
    const rules = (validation ?? []) as { condition: string; error_message: string }[];
    return rules.length === 0 || rules.some(({ error_message }) => !/^[a-z_]+ must .+; .+\.$/.test(error_message));
  });

  expect(unguarded.map(([name]) => name)).toEqual([]);
});

test("every variable is used (FT-02)", () => {
  const used = references({ ...stack, variable: undefined }).filter((address) => address.startsWith("var."));

  expect(used).toEqual(
    Object.keys(stack.variable)
      .map((name) => `var.${name}`)
      .sort(),
  );
});

test("gives what one needs to reach the cluster (FT-02, FT-29)", () => {
  expect(Object.keys(stack.output).sort()).toEqual([
    "endpoint",
    "kubeconfig",
    "machines",
    "pod_routes",
    "ssh_known_hosts",
    "ssh_private_key",
    "ssh_user",
  ]);
});

test("every output that holds a private key is sensitive (LD-14, FT-19, FT-29)", () => {
  const secret = (value: unknown): boolean =>
    /\.private_key_/.test(JSON.stringify(value)) ||
    references(value).some((address) => address.startsWith("local.") && secret(stack.locals[address.slice(6)]));
  const secrets = Object.entries(stack.output).filter(([, { value }]) => secret(value));

  expect(secrets.map(([name, { sensitive }]) => [name, sensitive as boolean])).toEqual([
    ["kubeconfig", true],
    ["ssh_private_key", true],
  ]);
});

test("three controllers and three workers are what one gets (FT-14, FT-15)", () => {
  const { value } = stack.output.machines as { value: Record<string, { privateIp: string }> };

  expect(Object.entries(value).map(([name, { privateIp }]) => [name, privateIp])).toEqual([
    ["controller-0", "10.240.0.10"],
    ["controller-1", "10.240.0.11"],
    ["controller-2", "10.240.0.12"],
    ["worker-0", "10.240.0.20"],
    ["worker-1", "10.240.0.21"],
    ["worker-2", "10.240.0.22"],
  ]);
});

describe("the stack of EKS", () => {
  let eks: typeof stack;
  beforeAll(async () => {
    const folder = await synthMain(join(scratch, "eks"), REPOSITORY, {}, "eks");
    eks = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as typeof stack;
  }, 60_000);

  test("asks a pipeline for its region alone, and is private until blocks are named (FT-02, FT-66)", () => {
    const defaults = Object.entries(eks.variable).map(([name, { default: value }]) => [name, value as unknown]);

    expect(Object.fromEntries(defaults)).toEqual({ region: undefined, kubernetes_version: "1.36", admin_cidrs: [] });
  });

  test("gives a kubeconfig that holds no secret, and the command that writes one (FT-74)", () => {
    const { kubeconfig, update_kubeconfig: command } = eks.output as Record<string, { value: string }>;
    const { users } = JSON.parse(kubeconfig!.value) as { users: [{ user: { exec: Block } }] };

    expect(users[0].user).toEqual({
      exec: {
        apiVersion: "client.authentication.k8s.io/v1beta1",
        command: "aws",
        args: [
          "eks",
          "get-token",
          "--output",
          "json",
          "--cluster-name",
          "eks",
          "--region",
          expect.stringContaining("data.aws_region"),
        ],
        env: [{ name: "AWS_STS_REGIONAL_ENDPOINTS", value: "regional" }],
        interactiveMode: "Never",
      },
    });
    expect(command!.value).toMatch(/^aws eks update-kubeconfig --region \$\{data\.aws_region\.\S+\.name\} --name eks$/);
  });
});
