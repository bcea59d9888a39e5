import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { STAGES } from "../../../constructs";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { compileConsumer, installConsumer, pack, runConsumer, type Package } from "../../support/consumer";
import { initialised, type Terraform } from "../../support/terraform";

// The package as npm makes it, in a project that has nothing of this repository but its peers.
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "package-")));
const project = join(scratch, "consumer");
let packed: Package;
let api: AwsApi;

beforeAll(async () => {
  packed = await pack(scratch);
  await installConsumer(project, packed);
  api = await awsApi();
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("holds the built library, its types, the scripts of the nodes, the licence, and nothing else (FT-04)", () => {
  const allowed =
    /^(LICENSE|README\.md|package\.json|dist\/constructs\/(index\.js|.+\.d\.ts)|scripts\/.+\.(sh|service|conf|ya?ml|md))$/;

  expect(packed.files.filter((file) => !allowed.test(file))).toEqual([]);
  expect(packed.files).toEqual(
    expect.arrayContaining([
      "LICENSE",
      "README.md",
      "dist/constructs/index.js",
      "dist/constructs/index.d.ts",
      "scripts/etcd/run.sh",
      "scripts/worker/units/kubelet.service",
    ]),
  );
});

test("has types beside every module (FT-04)", () => {
  const modules = packed.files.filter((file) => file.endsWith(".js")).map((file) => file.replace(/\.js$/, ".d.ts"));

  expect(modules.filter((types) => !packed.files.includes(types))).toEqual([]);
});

test("names no path of the machine that built it, and no source map (FT-04)", () => {
  const text = execFileSync("tar", ["-xOzf", packed.tarball], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });

  expect(text).toContain("class HardWayCluster");
  expect([process.cwd(), scratch, "sourceMappingURL"].filter((word) => text.includes(word))).toEqual([]);
});

test("asks only for peers that this repository is tested with (FT-04)", () => {
  // Fails where a range does not take the version that is there, or a package is missing.
  const { problems } = JSON.parse(
    execFileSync("npm", ["ls", "--json", "--omit=dev"], { cwd: project, encoding: "utf8", stdio: "pipe" }),
  ) as { problems?: string[] };

  expect(problems ?? []).toEqual([]);
});

test("a strict TypeScript project compiles against its types (FT-04)", async () => {
  expect(await compileConsumer(project)).toBe("");
}, 120_000);

describe("what plain node makes of that project", () => {
  let terraform: Terraform;
  beforeAll(async () => {
    terraform = await initialised((await runConsumer(project)).stack, {
      AWS_ENDPOINT_URL: api.url,
      TF_VAR_region: "us-east-1",
      TF_VAR_admin_cidrs: '["198.51.100.0/24"]',
      TF_VAR_download_mirror: "",
      TF_VAR_image_mirror: "",
      TF_VAR_package_mirror: "",
      TF_VAR_checksums: "{}",
    });
  }, 180_000);

  test("brings the scripts that nodes run, as they lie in the repository (FT-04)", () => {
    const stack = join(project, "cdktf.out", "stacks", "consumer");
    const json = readFileSync(join(stack, "cdk.tf.json"), "utf8");
    const sources = new Set(
      [...json.matchAll(/fileset\(\\"\$\{path\.module\}\/(assets\/[^"\\]+)\/\\"/g)].map(([, path]) => path!),
    );

    const folder = (path: string): string => basename(dirname(path)).replace(/^scripts-/, "");

    // proxy and vxlan are for who asks for them.
    const stages = STAGES.map(({ name }) => name).filter(
      (name) => !["proxy", "vxlan", "image-credentials", "logs"].includes(name),
    );
    expect([...sources].map(folder).sort()).toEqual([...stages, "lib"].sort());
    for (const path of sources)
      expect(execFileSync("diff", ["-r", join(stack, path), join("scripts", folder(path))]).toString()).toBe("");
  });

  test("Terraform applies to the API, all but the stages, for which machines have to boot (FT-04)", async () => {
    const planned = (await terraform.plan()).resource_changes.filter(({ mode }) => mode === "managed");
    const parts = planned.filter(({ type }) => type !== "null_resource").map(({ address }) => address);

    await terraform.succeed(
      "apply",
      "-auto-approve",
      "-input=false",
      "-no-color",
      "-parallelism=30",
      ...parts.map((address) => `-target=${address}`),
    );

    const state = (await terraform.succeed("state", "list")).trim().split("\n");
    expect(state.filter((address) => !address.startsWith("data."))).toEqual(parts.sort());
    expect(parts.length).toBeGreaterThan(60);
  }, 600_000);
});
