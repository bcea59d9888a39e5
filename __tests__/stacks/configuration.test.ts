import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SCHEMA_PATH, readConfiguration } from "../../stacks/configuration";
import { configurationSchema } from "../support/configuration-schema";
import { blocksOf, page } from "../support/page";

const scratch = mkdtempSync(join(tmpdir(), "configuration-"));
const path = join(scratch, "my-cluster.yaml");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const read = (text: string) => {
  writeFileSync(path, text);
  return readConfiguration(path);
};
const examples = blocksOf(page("modules.md"), "yaml");

test("its schema is what the types of the props say; npm run schema writes it (FT-01, FT-97)", () => {
  expect(readFileSync(SCHEMA_PATH, "utf8")).toBe(configurationSchema());
}, 120_000);

test.each(["hard-way", "eks", "hybrid"])("docs/modules.md has a good one of kind %s (FT-01)", (kind) => {
  expect(examples.map((text) => read(text).kind)).toContain(kind);
});

test("tells every problem of a file at once, unknown keys with the nearest known (FT-01, FT-97)", () => {
  const bad = `kind: hard-way
cluster:
  controlPlan: { count: 2 }
  adminCidrs: []
  colour: blue
  topology: privat
  availabilityZones: { a: 1 }
  workers: { count: three, taints: [{ key: batch }] }
`;

  expect(() => read(bad)).toThrow(
    `${path} has 7 problems:
  - cluster.controlPlan is no setting; did you mean controlPlane?
  - cluster.adminCidrs is no setting; take it out: callers of the module say it, by admin_cidrs
  - cluster.colour is no setting; there are access, allowOpenAdminCidrs, apiExposure, `,
  );
  expect(() => read(bad)).toThrow(
    `
  - cluster.topology "privat" must be one of public, private; choose one
  - cluster.availabilityZones {"a":1} must be of type array or of type number; write it so
  - cluster.workers.count "three" must be number; write it so
  - cluster.workers.taints.0.effect is missing; add it`,
  );
});

test.each([
  ["kind: harder", 'kind "harder" must be one of hard-way, eks, hybrid; say which cluster is meant'],
  ["", "kind undefined must be one of hard-way, eks, hybrid; say which cluster is meant"],
  ["kind: hybrid", "network is missing; add it"],
  ["kind: eks\ncluster: {}\nnetwork: {}", "network is no setting; there are cluster, kind"],
])("refuses %j (FT-01, FT-97)", (text, problem) => {
  expect(() => read(text)).toThrow(`${path} has 1 problem:\n  - ${problem}`);
});

test("says what is wrong with a file that is no YAML, or not there (FT-97)", () => {
  expect(() => read("kind: [")).toThrow(/^cannot read \S+my-cluster\.yaml: Flow sequence/);
  expect(() => readConfiguration(join(scratch, "nowhere.yaml"))).toThrow(/^cannot read \S+nowhere\.yaml: ENOENT/);
});
