import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { Clone } from "../../support/clone";
import { asWritten } from "../../support/page-commands";
import { terraformIn } from "../../support/terraform";

// The commands of pages that need no machine, as they stand there, in a clone.
const clone = new Clone();
const at = (...path: string[]): string => join(clone.folder, ...path);
const read = (...path: string[]): string => readFileSync(at(...path), "utf8");
let api: AwsApi;

/** What a command prints, which has to end well. */
async function run(command: string, env = process.env): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-euc", command], {
    cwd: clone.folder,
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

beforeAll(async () => void (api = await awsApi()), 900_000);
afterAll(async () => {
  await api?.stop();
  clone.remove();
});

test("a pipeline's commands end in the plan of a cluster (FT-95, S4-07)", async () => {
  const environment = { AWS_ENDPOINT_URL: api.url, TF_CLI_ARGS_plan: "-no-color" };

  const said = await run(asWritten("npm run synth"), (await terraformIn(clone.folder, environment)).variables);

  expect(said).toMatch(/Plan: 1\d\d to add, 0 to change, 0 to destroy\./);
}, 300_000);

test("what they synthesise holds no credentials (FT-95, S1-03)", () => {
  const stack = JSON.parse(read("cdktf.out", "stacks", "hard-way", "cdk.tf.json")) as { provider: { aws: object[] } };

  expect(stack.provider.aws).toEqual([{ region: "${var.region}" }]);
});

test("npm run modules writes two, and with a file the one that it describes (FT-01, FT-95)", async () => {
  await run(asWritten("npm run modules"));
  writeFileSync(at("my-cluster.yaml"), "kind: hard-way\ncluster:\n  workers: { count: 1 }\n");
  await run(asWritten("npm run modules -- --config my-cluster.yaml --out FOLDER"));

  expect(readdirSync(at("modules")).sort()).toEqual(["eks", "hard-way"]);
  const machines = (...folder: string[]): number => {
    const { resource } = JSON.parse(read(...folder, "main.tf.json")) as { resource: { aws_instance: object } };
    return Object.keys(resource.aws_instance).length;
  };
  expect([machines("modules", "hard-way"), machines("FOLDER")]).toEqual([6, 4]);
}, 120_000);

test("npm run report writes a plan for people beside each stack, and beside what another app made (FT-95)", async () => {
  await run(asWritten("npm run report"));
  cpSync(at("cdktf.out"), at("made"), { recursive: true });
  const before = read("cdktf.out", "stacks", "eks", "plan.md");
  writeFileSync(at("made", "stacks", "eks", "plan.md"), "");
  await run(asWritten("npm run report -- FOLDER").replace("FOLDER", "made"));

  expect(before).toContain("## Who may talk to whom");
  expect(read("made", "stacks", "eks", "plan.md")).toBe(before);
  expect(existsSync(at("made", "stacks", "hard-way", "plan.html"))).toBe(true);
}, 120_000);

test("npm run mirror-list tells what a mirror holds (FT-87, FT-95)", async () => {
  expect(await run(asWritten("npm run mirror-list"))).toMatch(/kubelet/);
}, 60_000);

test.each([
  [asWritten("npm run rules"), "docs/rules.md"],
  [asWritten("npm run addresses"), "__tests__/clusters/addresses"],
])(
  "%s finds nothing to change (FT-95)",
  async (command, path) => {
    await run(command);

    await expect(run(`diff -r ${join(__dirname, "../../..", path)} ${path}`)).resolves.toBe("");
  },
  120_000,
);

test("npm run package makes the package (FT-04, FT-95)", async () => {
  await run(asWritten("npm run package"));

  expect(readdirSync(clone.folder).filter((name) => name.endsWith(".tgz"))).toEqual(["cdktf-aws-kubernetes-0.1.0.tgz"]);
}, 180_000);

test("npm run bench measures what the library costs (FT-95)", async () => {
  expect(await run(asWritten("npm run bench -- 21").replace("21", "1"))).toMatch(/synth a hard-way cluster/);
}, 180_000);
