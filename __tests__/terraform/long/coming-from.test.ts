import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { blocksOf, page } from "../../support/page";
import { terraformIn } from "../../support/terraform";

// The commands of docs/coming-from.md, as they stand there, in a clone.
const REPOSITORY = join(__dirname, "..", "..", "..");
const clone = mkdtempSync(join(tmpdir(), "coming-from-"));
let api: AwsApi;
beforeAll(async () => {
  api = await awsApi();
  const own = [".git", ".lab", "node_modules", "cdktf.out", "dist", "modules"];
  for (const name of readdirSync(REPOSITORY).filter((entry) => !own.includes(entry)))
    cpSync(join(REPOSITORY, name), join(clone, name), { recursive: true });
  symlinkSync(join(REPOSITORY, "node_modules"), join(clone, "node_modules"));
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(clone, { recursive: true, force: true });
});

test("a pipeline's commands end in the plan of a cluster (FT-95, S4-07)", async () => {
  const [commands] = blocksOf(page("coming-from.md"), "sh");

  const { stdout } = await promisify(execFile)("bash", ["-euc", commands!], {
    cwd: clone,
    env: (await terraformIn(clone, { AWS_ENDPOINT_URL: api.url, TF_CLI_ARGS_plan: "-no-color" })).variables,
    maxBuffer: 64 * 1024 * 1024,
  });

  expect(stdout).toMatch(/Plan: 1\d\d to add, 0 to change, 0 to destroy\./);
}, 300_000);

test("what they synthesise holds no credentials (FT-95, S1-03)", () => {
  const text = readFileSync(join(clone, "cdktf.out", "stacks", "hard-way", "cdk.tf.json"), "utf8");

  expect((JSON.parse(text) as { provider: { aws: object[] } }).provider.aws).toEqual([{ region: "${var.region}" }]);
});
