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
// some rounds, since another program on the machine only ever adds.
const ROUNDS = 3;

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
  const terraform = async (folder: string, ...args: string[]): Promise<void> => {
    await promisify(execFile)("terraform", [`-chdir=${folder}`, ...args, "-input=false", "-no-color"], {
      env: environment,
      maxBuffer: 1 << 28,
    });
  };
  row("workers", "resources", "synth s", "plan s", "plan ms/resource");
  try {
    // Once for nothing: the first synth loads what the others find.
    synth(3, join(scratch, "first"));
    for (const workers of sizes) {
      const outdir = join(scratch, String(workers));
      let synthSeconds: number;
      try {
        synthSeconds = await least(() => synth(workers, outdir));
      } catch (error) {
        process.stdout.write(`${String(workers).padStart(16)}  ${(error as Error).message}\n`);
        continue;
      }
      const folder = join(outdir, "stacks", "bench");
      await terraform(folder, "init");
      const planSeconds = await least(() => terraform(folder, "plan"));
      const resources = countOf(join(folder, "cdk.tf.json"));
      const perResource = (planSeconds * 1000) / resources;
      row(workers, resources, synthSeconds.toFixed(2), planSeconds.toFixed(1), perResource.toFixed(1));
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

async function least(work: () => unknown): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = process.hrtime.bigint();
    await work();
    seconds.push(Number(process.hrtime.bigint() - started) / 1e9);
  }
  return Math.min(...seconds);
}

function countOf(path: string): number {
  const { resource } = JSON.parse(readFileSync(path, "utf8")) as { resource: Record<string, object> };
  return Object.values(resource).reduce((sum, named) => sum + Object.keys(named).length, 0);
}

function row(...cells: (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(16)).join("")}\n`);
}

const asked = process.argv.slice(2).map(Number);
main(asked.length > 0 ? asked : SIZES).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
