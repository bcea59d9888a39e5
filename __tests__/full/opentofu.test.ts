import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTofu, openTofuVersion } from "../../lab/artifacts/opentofu";
import { terraformProviders } from "../../lab/artifacts/terraform-providers";
import { cached } from "../../lab/cache";
import { awsApi, type AwsApi } from "../support/aws-api";
import { complaintsOfBadCall, moduleRoot } from "../support/module-root";
import { modules } from "../support/modules";
import { Terraform } from "../support/terraform";

// The modules with OpenTofu in place of Terraform, and with the same providers, which are called as its registry calls them.
const scratch = mkdtempSync(join(tmpdir(), "opentofu-"));
const log = (line: string): void => void process.stderr.write(`${line}\n`);
let program: string;
let api: AwsApi;

async function mirror(): Promise<void> {
  const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
  const { providers } = await terraformProviders(log);
  for (const { name, version } of providers) {
    const there = cached("terraform-plugins", "registry.terraform.io", "hashicorp", name);
    const here = join(scratch, "plugins", "registry.opentofu.org", "hashicorp", name);
    mkdirSync(join(here, version), { recursive: true });
    const archive = `terraform-provider-${name}_${version}_${platform}.zip`;
    if (existsSync(join(there, archive))) copyFileSync(join(there, archive), join(here, archive));
    else symlinkSync(join(there, version, platform), join(here, version, platform));
  }
  const folder = JSON.stringify(join(scratch, "plugins"));
  writeFileSync(
    join(scratch, "tofu.rc"),
    `provider_installation {\n  filesystem_mirror {\n    path = ${folder}\n  }\n}\n`,
  );
}

async function initialised(folder: string): Promise<Terraform> {
  const environment = { TF_CLI_CONFIG_FILE: join(scratch, "tofu.rc"), AWS_ENDPOINT_URL: api.url };
  const tofu = new Terraform(folder, environment, program);
  await tofu.succeed("init", "-input=false", "-no-color");
  return tofu;
}

beforeAll(async () => {
  program = await openTofu(log);
  await mirror();
  await modules(join(scratch, "modules"));
  api = await awsApi();
}, 1_800_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test.each(["hard-way", "eks"])(
  "OpenTofu validates the example of the module %s (FT-01)",
  async (name) => {
    const example = await initialised(join(scratch, "modules", name, "examples", "basic"));

    expect(await example.succeed("version")).toContain(`OpenTofu v${openTofuVersion}\n`);
    expect(JSON.parse(await example.succeed("validate", "-json"))).toMatchObject({ valid: true, diagnostics: [] });
  },
  180_000,
);

describe("both modules in one configuration, with for_each, count, depends_on and an aliased provider", () => {
  let tofu: Terraform;
  let targets: string[];
  beforeAll(async () => {
    const root = join(scratch, "root");
    moduleRoot(root, { clusters: ["blue"], eks: ["managed"] });
    tofu = await initialised(root);
  }, 300_000);

  test("plans whole clusters (FT-01, FT-03)", async () => {
    const planned = (await tofu.plan()).resource_changes.filter(({ mode }) => mode === "managed");
    const count = (call: string): number => planned.filter(({ address }) => address.startsWith(call)).length;

    expect(count('module.clusters["blue"].')).toBeGreaterThan(100);
    expect(count("module.eks[0].")).toBeGreaterThan(30);
    targets = planned
      .filter(({ address, type }) => /^(module\.clusters|aws_sns)/.test(address) && /^(aws|tls)_/.test(type))
      .map(({ address }) => `-target=${address}`);
  }, 300_000);

  test("applies what needs no machine, then has nothing left to change, and gives it back (FT-01, FT-03, FT-59)", async () => {
    await tofu.succeed("apply", "-auto-approve", "-input=false", "-no-color", ...targets);

    expect(await tofu.succeed("plan", "-input=false", "-no-color", ...targets)).toContain("No changes.");
    await tofu.succeed("destroy", "-auto-approve", "-input=false", "-no-color");
    expect((await tofu.succeed("state", "list")).trim()).toBe("");
  }, 900_000);

  test("tells a call what a bad value has to be, as Terraform does (FT-01)", async () => {
    const said = await complaintsOfBadCall(join(scratch, "bad"), initialised);

    expect(said).toContain("cluster_name must be 1 to 20 lower-case letters");
    expect(said).toContain("admin_cidrs must name at least one IPv4 CIDR");
  }, 180_000);
});
