import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkovEnvironment } from "../../../lab/artifacts/python-environment";
import { awsApi, type AwsApi } from "../../support/aws-api";
import { cluster } from "../../support/hard-way";
import { synthMain } from "../../support/main-stack";
import { addProviders, synthInto } from "../../support/synth";
import { initialised } from "../../support/terraform";
import { CHECKOV_SKIPS } from "../checkov-skips";

// On plans, not on cdk.tf.json: there checkov does not see what it judges.
const scratch = mkdtempSync(join(tmpdir(), "checkov-"));
/** The names of the failed checks of each plan, with the resources that fail them. */
const failed: Record<string, Record<string, string[]>> = {};
const passed: Record<string, number> = {};
let api: AwsApi;

beforeAll(async () => {
  api = await awsApi();
  const { python } = await checkovEnvironment((line) => void process.stderr.write(`${line}\n`));
  const folders = {
    public: await synthMain(join(scratch, "public")),
    private: synthInto(join(scratch, "private"), (stack) => {
      addProviders(stack);
      cluster(stack, {
        topology: "private",
        ssh: { address: "private" },
        mirrors: {
          downloads: "https://m.example/files",
          images: "https://m.example",
          packages: "https://m.example/debian",
        },
      });
    }),
  };
  for (const [name, folder] of Object.entries(folders)) {
    const terraform = await initialised(folder, { AWS_ENDPOINT_URL: api.url });
    const values = name === "public" ? ["-var=region=us-east-1", '-var=admin_cidrs=["198.51.100.0/24"]'] : [];
    const file = join(scratch, `${name}.json`);
    writeFileSync(file, JSON.stringify(await terraform.plan(...values)));
    const { results, summary } = await checkov(join(dirname(python), "checkov"), file);
    passed[name] = summary.passed;
    const byCheck = (failed[name] = {} as Record<string, string[]>);
    for (const { check_id: id, resource } of results.failed_checks) (byCheck[id] ??= []).push(resource);
  }
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test.each(["public", "private"])("checkov finds nothing in the plan of a %s cluster but what is skipped", (name) => {
  const others = Object.entries(failed[name]!).filter(([id]) => !(id in CHECKOV_SKIPS));

  expect(others).toEqual([]);
  // It has looked at something.
  expect(passed[name]).toBeGreaterThan(50);
});

test("a private cluster has no public address to be skipped", () => {
  expect(failed["private"]).not.toHaveProperty("CKV_AWS_88");
});

test("every skip is of a check that does fail", () => {
  const found = Object.values(failed).flatMap((byCheck) => Object.keys(byCheck));

  expect(Object.keys(CHECKOV_SKIPS).filter((id) => !found.includes(id))).toEqual([]);
});

interface Report {
  readonly results: { readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[] };
  readonly summary: { readonly passed: number };
}

/** What checkov says of a plan; it asks nobody on the network. */
function checkov(program: string, file: string): Promise<Report> {
  const args = ["--framework", "terraform_plan", "--file", file, "--output", "json", "--quiet", "--compact"];
  return new Promise((resolve, reject) => {
    // Its exit code says that it found something, which is ours to judge.
    execFile(
      program,
      [...args, "--skip-download"],
      { cwd: scratch, maxBuffer: 64 * 1024 * 1024 },
      (_, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout) as Report);
        } catch {
          reject(new Error(`checkov said nothing that can be read: ${stderr || stdout}`));
        }
      },
    );
  });
}
