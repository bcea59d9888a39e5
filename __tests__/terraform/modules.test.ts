import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CORPORATE } from "../support/hybrid";
import { complaintsOfBadCall, rootOfEach } from "../support/module-root";
import { modules } from "../support/modules";
import { awsApi } from "../support/aws-api";
import { blocksOf, page, tableUnder } from "../support/page";
import { initialised } from "../support/terraform";

// The modules as they are written, and a plan of a root that calls each; long/modules.test.ts and long/module-network.test.ts
// apply such roots.
const REPOSITORY = join(__dirname, "..", "..");
jest.setTimeout(180_000);
const scratch = mkdtempSync(join(tmpdir(), "modules-"));
const read = (path: string): string => readFileSync(join(scratch, "modules", path), "utf8");

beforeAll(async () => {
  writeFileSync(join(scratch, "network.json"), JSON.stringify(CORPORATE));
  await modules({ HYBRID_NETWORK: join(scratch, "network.json") }, join(scratch, "modules"));
}, 900_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.each(["hard-way", "eks"])("%s has the standard structure, and neither backend nor provider (FT-01)", (name) => {
  expect(readdirSync(join(scratch, "modules", name)).sort()).toEqual([
    "README.md",
    "examples",
    "main.tf.json",
    "outputs.tf.json",
    "scripts",
    "topology.svg",
    "variables.tf.json",
    "versions.tf.json",
  ]);
  expect(Object.keys(JSON.parse(read(`${name}/main.tf.json`)) as object).sort()).toEqual([
    "data",
    ...(name === "eks" ? ["ephemeral"] : []),
    "locals",
    "resource",
  ]);
  const { terraform: versions } = JSON.parse(read(`${name}/versions.tf.json`)) as { terraform: object };
  expect(Object.keys(versions)).toEqual(["required_version", "required_providers"]);
  expect(read(`${name}/versions.tf.json`)).toContain('"version": "~> 5.100"');
});

test.each(["hard-way", "eks"])(
  "%s is the same in every run, and names no path of this machine (FT-01)",
  async (name) => {
    await modules(join(scratch, "again"));

    expect(execFileSync("diff", ["-r", join(scratch, "modules", name), join(scratch, "again", name)]).toString()).toBe(
      "",
    );
    for (const path of [REPOSITORY, scratch, "assets/"])
      for (const file of ["main", "variables", "outputs"]) expect(read(`${name}/${file}.tf.json`)).not.toContain(path);
  },
);

test("the README shows what stands where, inputs with what a change does, outputs and resources (FT-01, FT-95)", () => {
  const readme = read("hard-way/README.md");

  expect(readme).toContain("![what stands where](topology.svg)");
  for (const machine of ["controller-2 10.240.0.12", "worker-0 10.240.0.20"])
    expect(read("hard-way/topology.svg")).toContain(`>${machine}</text>`);
  expect(tableUnder(readme, "Inputs").map(([name]) => name)).toEqual(
    Object.keys((JSON.parse(read("hard-way/variables.tf.json")) as { variable: object }).variable)
      .map((name) => `\`${name}\``)
      .sort(),
  );
  for (const [, , , meaning] of tableUnder(readme, "Inputs")) expect(meaning).toMatch(/Changing it /);
  for (const heading of ["Outputs", "Resources"]) expect(tableUnder(readme, heading).length).toBeGreaterThan(5);
});

test.each(["hard-way", "eks"])("the example of %s is valid HCL as it stands (FT-01)", async (name) => {
  const example = await initialised(join(scratch, "modules", name, "examples", "basic"));

  expect(await example.succeed("validate", "-no-color")).toContain("Success!");
  expect(await example.succeed("fmt", "-check", "-no-color")).toBe("");
});

const examples = blocksOf(page("modules.md"), "yaml");
const kindOf = (text: string): string => /^kind: (.*)$/m.exec(text)![1]!;

test.each(examples.map((text) => [kindOf(text), text]))(
  "the file of docs/modules.md for %s becomes a module whose example is valid (FT-01)",
  async (kind, text) => {
    const [config, out] = [join(scratch, `${kind}.yaml`), join(scratch, "of-file", kind)];
    writeFileSync(config, text);

    expect(await modules("--config", config, "--out", out)).toBe(`wrote ${kind}\n`);

    const example = await initialised(join(out, "examples", "basic"));
    expect(await example.succeed("validate", "-no-color")).toContain("Success!");
  },
);

test("what a file asks against the rules is told, and the folder is left as it was (FT-01, FT-97)", async () => {
  const [config, out] = [join(scratch, "bad.yaml"), join(scratch, "modules", "eks")];
  writeFileSync(config, "kind: hard-way\ncluster:\n  controlPlane: { count: 2 }\n  podCidr: 10.32.0.0/16\n");
  const before = readdirSync(out, { recursive: true });

  await expect(modules("--config", config, "--out", out)).rejects.toThrow(
    /error: hard-way cluster 'cluster' has 2 problems:\n {2}- podCidr and serviceCidr .*\n {2}- controlPlane.count 2 must be 1, 3, 5 or 7/,
  );
  expect(readdirSync(out, { recursive: true })).toEqual(before);
});

test("a call is told what a bad value has to be (FT-01)", async () => {
  const said = await complaintsOfBadCall(join(scratch, "bad"), initialised);

  expect(said).toContain("cluster_name must be 1 to 20 lower-case letters");
  expect(said).toContain("admin_cidrs must name at least one IPv4 CIDR");
});

test("a root that calls each, in a network that it makes, validates and plans a cluster of each kind (FT-01, FT-03)", async () => {
  const api = await awsApi();
  try {
    rootOfEach(join(scratch, "root"));
    const root = await initialised(join(scratch, "root"), { AWS_ENDPOINT_URL: api.url });
    expect(await root.succeed("validate", "-no-color")).toContain("Success!");

    const planned = (await root.plan()).resource_changes.filter(({ mode }) => mode === "managed");
    const count = (call: string): number => planned.filter(({ address }) => address.startsWith(call)).length;
    for (const call of ['module.hard_way["blue"].', "module.hybrid[0]."]) expect(count(call)).toBeGreaterThan(100);
    expect(count("module.eks.")).toBeGreaterThan(30);
  } finally {
    await api.stop();
  }
}, 300_000);
