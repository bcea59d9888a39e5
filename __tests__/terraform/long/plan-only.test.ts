import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster } from "../../../lab/commands/cluster";
import { planOnly } from "../../../lab/commands/plan-only";
import { summary } from "../../../lab/commands/summary";

// What npm start ends with where no machine can run.
const base = mkdtempSync(join(tmpdir(), "plan-only-"));
const said: string[] = [];
let printed = "";
let parts: string[];

beforeAll(async () => {
  const cluster = new Cluster("hard-way", base);
  parts = summary(cluster.synthesise());
  const write = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text.toString();
    return true;
  });
  try {
    await planOnly(cluster, (line) => said.push(line));
  } finally {
    write.mockRestore();
  }
}, 300_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));

test("the plan of a cluster is made without any machine, of as many resources as were said to be built (FT-03)", () => {
  const [, total] = /^to be built: (\d+) Terraform resources/.exec(parts[0]!) ?? [];

  expect(printed).toMatch(new RegExp(`^Plan: ${total} to add, 0 to change, 0 to destroy\\.$`, "m"));
});

test("it names each machine, and shows no key (FT-03, LD-14)", () => {
  for (const machine of ["controller-0", "controller-1", "controller-2", "worker-0", "worker-1", "worker-2"])
    expect(parts.join("\n")).toContain(machine);
  expect(printed).not.toMatch(/-----BEGIN/);
});

test("it tells what it does, and where its providers come from (FT-03)", () => {
  expect(said).toEqual(
    expect.arrayContaining([expect.stringMatching(/^provider aws \S+: /), "terraform init", "terraform plan"]),
  );
});
