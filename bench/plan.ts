import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { HardWayCluster } from "../constructs";
import { terraformProviders } from "../lab/artifacts/terraform-providers";
import { loopbackApi } from "../lab/aws/loopback-api";
import { SIZES, clusterOf } from "./sizes";

// npm run bench:plan [WORKERS…]: what synth and `terraform plan` take as a cluster grows. The plans are made against the
// lab's API, which answers at once: what is measured is cdktf, Terraform and its providers. Each number is the least of
// some rounds, since another program on the machine only ever adds; the processor's time hardly sees what else runs.
const ROUNDS = 4;

async function main(sizes: readonly number[]): Promise<void> {
  const quiet = (): void => undefined;
  const { configurationFile } = await terraformProviders(quiet);
  const api = await loopbackApi(quiet);
  const scratch = mkdtempSync(join(tmpdir(), "bench-plan-"));
  const environment = {
    ...process.env,
    AWS_ENDPOINT_URL: api.url,
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_EC2_METADATA_DISABLED: "true",
    CHECKPOINT_DISABLE: "1",
    NO_PROXY: "*",
    no_proxy: "*",
    TF_CLI_CONFIG_FILE: configurationFile,
  };
  /** Gives the seconds of processor that Terraform and its providers took. */
  const terraform = async (folder: string, ...args: string[]): Promise<number> => {
    const command = ["terraform", `-chdir=${folder}`, ...args, "-input=false", "-no-color"];
    const { stdout } = await promisify(execFile)("bash", ["-c", '"$@" >/dev/null && times', "bash", ...command], {
      env: environment,
    });
    // Two lines, of the shell and of what it ran, each of user and system.
    const seconds = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].map(
      ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
    );
    return seconds[2]! + seconds[3]!;
  };
  row("workers", "resources", "synth s", "plan s", "ms/resource", "processor s", "ms/resource");
  try {
    // Once for nothing: the first synth loads what the others find.
    synth(3, join(scratch, "first"));
    for (const workers of sizes) {
      const outdir = join(scratch, String(workers));
      let synthSeconds: number;
      try {
        synthSeconds = (await least(() => synth(workers, outdir))).seconds;
      } catch (error) {
        process.stdout.write(`${String(workers).padStart(16)}  ${(error as Error).message}\n`);
        continue;
      }
      const folder = join(outdir, "stacks", "bench");
      await terraform(folder, "init");
      const plan = await least(() => terraform(folder, "plan"));
      const resources = countOf(join(folder, "cdk.tf.json"));
      const both = [plan.seconds, plan.given].flatMap((seconds) => [seconds, (seconds * 1000) / resources]);
      row(workers, resources, synthSeconds.toFixed(2), ...both.map((number) => number.toFixed(1)));
    }
  } finally {
    await api.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function synth(workers: number, outdir: string): void {
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "bench");
  new LocalBackend(stack, { path: "terraform.tfstate" });
  new AwsProvider(stack, "aws", { region: "us-east-1" });
  new NullProvider(stack, "null");
  new TlsProvider(stack, "tls");
  new HardWayCluster(stack, "cluster", clusterOf(workers));
  app.synth();
}

/** The least time that the work took, and the least of what it gave. */
async function least(work: () => number | void | Promise<number>): Promise<{ seconds: number; given: number }> {
  const rounds: { readonly seconds: number; readonly given: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = process.hrtime.bigint();
    const given = (await work()) ?? 0;
    rounds.push({ seconds: Number(process.hrtime.bigint() - started) / 1e9, given });
  }
  const leastOf = (what: "seconds" | "given"): number => Math.min(...rounds.map((round) => round[what]));
  return { seconds: leastOf("seconds"), given: leastOf("given") };
}

function countOf(path: string): number {
  const { resource } = JSON.parse(readFileSync(path, "utf8")) as { resource: Record<string, object> };
  return Object.values(resource).reduce((sum, named) => sum + Object.keys(named).length, 0);
}

function row(...cells: (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(13)).join("")}\n`);
}

const asked = process.argv.slice(2).map(Number);
main(asked.length > 0 ? asked : SIZES).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
