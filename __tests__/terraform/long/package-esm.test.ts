import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { compileConsumer, installConsumer, pack, runConsumer } from "../../support/consumer";
import type { Block } from "../../support/resources";
import { initialised, type Terraform } from "../../support/terraform";

// The package as npm makes it, in a project of JavaScript modules that has more in its cluster than the library.
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "package-esm-")));
const project = join(scratch, "consumer");
let api: AwsApi;
let stack: string;
let printed: string;

beforeAll(async () => {
  await installConsumer(project, await pack(scratch), "consumer-esm");
  ({ stack, printed } = await runConsumer(project));
  api = await awsApi();
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const evaluated = async (module: string): Promise<unknown> =>
  JSON.parse(
    (await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", module], { cwd: project })).stdout,
  );

test("import gives every name that require gives (FT-04)", async () => {
  const names = await evaluated(`
    import { createRequire } from "node:module";
    import * as library from "cdktf-aws-kubernetes";
    const required = createRequire(import.meta.url)("cdktf-aws-kubernetes");
    const own = (names) => names.filter((name) => !["default", "module.exports", "__esModule"].includes(name)).sort();
    console.log(JSON.stringify([own(Object.keys(library)), own(Object.keys(required))]));`);

  const [imported, required] = names as [string[], string[]];
  expect(imported).toContain("HybridCluster");
  expect(imported).toEqual(required);
});

test("nothing of the package is reached but its front door and its description (FT-04)", async () => {
  const code = (path: string): Promise<unknown> =>
    evaluated(
      `console.log(JSON.stringify(await import(${JSON.stringify(path)}, { with: ${path.endsWith("json") ? '{ type: "json" }' : "{}"} }).then(() => "there", ({ code }) => code)))`,
    );

  expect(await code("cdktf-aws-kubernetes/package.json")).toBe("there");
  for (const path of ["dist/constructs/index.js", "constructs/index", "dist/constructs/rules/rule"])
    expect([path, await code(`cdktf-aws-kubernetes/${path}`)]).toEqual([path, "ERR_PACKAGE_PATH_NOT_EXPORTED"]);
});

test("modules of both kinds have its types (FT-04)", async () => {
  const text = `import { EksCluster, type EksClusterProps } from "cdktf-aws-kubernetes";
export const props: EksClusterProps = { clusterName: "x" };
// @ts-expect-error -- no such setting
export const wrong: EksClusterProps = { clusterName: "x", colour: 1 };
export const made = (stack: ConstructorParameters<typeof EksCluster>[0]) => new EksCluster(stack, "x", props).endpoint;
`;
  for (const kind of ["mts", "cts"]) writeFileSync(join(project, `types.${kind}`), text);
  const compilerOptions = {
    target: "ES2022",
    module: "node16",
    moduleResolution: "node16",
    strict: true,
    noEmit: true,
  };
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: ["node"] }, files: ["types.mts", "types.cts"] }),
  );

  expect(await compileConsumer(project)).toBe("");
}, 120_000);

test("what JavaScript gets wrong is told with the nearest name, as TypeScript would tell it (FT-97)", () => {
  expect(printed).toContain('clusterNam {"near":"clusterName"} must be a setting');
  expect(printed).toContain('kubernetesVersion {"given":"number","type":"string"} must be of that type');
});

test("another node group, another rule and an overridden field are in what is synthesised (FT-04)", () => {
  const { resource } = JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8")) as { resource: Block };
  const machines = Object.values(resource["aws_instance"] as Block) as Block[];

  expect(machines.map(({ tags }) => (tags as Block)["Name"] as string).sort()).toEqual([
    "controller-0",
    "gpu-0",
    "worker-0",
  ]);
  for (const { metadata_options: options } of machines)
    expect(options).toMatchObject({ http_tokens: "required", instance_metadata_tags: "enabled" });
  const rules = Object.values(resource["aws_vpc_security_group_ingress_rule"] as Block) as Block[];
  expect(rules).toEqual(expect.arrayContaining([expect.objectContaining({ description: "metrics of etcd" })]));
});

describe("Terraform", () => {
  let terraform: Terraform;
  let parts: string[];
  beforeAll(async () => {
    terraform = await initialised(stack, { AWS_ENDPOINT_URL: api.url });
  }, 180_000);

  test("applies it to the API with its own network, all but the stages, for which machines have to boot (FT-04, FT-85)", async () => {
    const planned = (await terraform.plan()).resource_changes.filter(({ mode }) => mode === "managed");
    parts = planned.filter(({ type }) => type !== "null_resource").map(({ address }) => address);

    await terraform.succeed(
      ...["apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=30"],
      ...parts.map((address) => `-target=${address}`),
    );

    const state = (await terraform.succeed("state", "list")).trim().split("\n");
    expect(state.filter((address) => !address.startsWith("data."))).toEqual(parts.sort());
    expect(parts.length).toBeGreaterThan(60);
  }, 600_000);

  test("has nothing left to change, and gives everything back (FT-59)", async () => {
    const targets = parts.map((address) => `-target=${address}`);

    expect(await terraform.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
    await terraform.succeed("destroy", "-auto-approve", "-input=false", "-no-color");
    expect((await terraform.succeed("state", "list")).trim()).toBe("");
  }, 600_000);
});
