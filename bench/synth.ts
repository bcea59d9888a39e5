import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// npm run bench: what a hard-way cluster costs beside an empty cdktf stack with the same providers. Whole processes, in
// turns, built as users run them: node on compiled JavaScript.
const root = resolve(__dirname, "..");
const rounds = Number(process.argv[2] ?? 10);

const app = (cluster: string): string => `
const { App, LocalBackend, TerraformStack } = require("cdktf");
const { AwsProvider } = require("@cdktf/provider-aws/lib/provider");
const { NullProvider } = require("@cdktf/provider-null/lib/provider");
const { TlsProvider } = require("@cdktf/provider-tls/lib/provider");
const app = new App({ outdir: process.env.OUT });
const stack = new TerraformStack(app, "bench");
new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: "eu-west-1" });
new NullProvider(stack, "null");
new TlsProvider(stack, "tls");
${cluster}
app.synth();
`;

const CASES = {
  "empty stack": app(""),
  "hard-way cluster": app(
    `new (require(${JSON.stringify(root)}).HardWayCluster)(stack, "cluster", { clusterName: "bench", adminCidrs: ["192.0.2.0/24"] });`,
  ),
};

const folder = mkdtempSync(join(root, ".bench-"));
const times = new Map<string, number[]>();
try {
  for (let round = 0; round < rounds; round += 1)
    for (const [name, source] of Object.entries(CASES)) {
      const file = join(folder, "app.js");
      writeFileSync(file, source);
      const out = mkdtempSync(join(tmpdir(), "bench-out-"));
      const started = process.hrtime.bigint();
      const { status, stderr } = spawnSync(process.execPath, [file], { env: { ...process.env, OUT: out }, encoding: "utf8" });
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      rmSync(out, { recursive: true, force: true });
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
      times.set(name, [...(times.get(name) ?? []), seconds]);
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
for (const [name, values] of times)
  process.stdout.write(
    `${name.padEnd(18)} min ${Math.min(...values).toFixed(3)} s  median ${median(values).toFixed(3)} s  max ${Math.max(...values).toFixed(3)} s\n`,
  );
process.stdout.write(`ratio of medians  ${(median(times.get("hard-way cluster")!) / median(times.get("empty stack")!)).toFixed(2)}\n`);
