import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// npm run bench [ROUNDS]: what importing the library costs beside cdktf and its bindings, and what a hard-way cluster costs
// beside an empty cdktf stack with the same providers. Whole processes, in turns, built as users run them: node on
// compiled JavaScript. Wall clock and processor: the second hardly sees what else the machine does.
const root = resolve(__dirname, "..");
const rounds = Number(process.argv[2] ?? 10);

const LOAD = `
const { App, LocalBackend, TerraformStack } = require("cdktf");
const { AwsProvider } = require("@cdktf/provider-aws/lib/provider");
const { NullProvider } = require("@cdktf/provider-null/lib/provider");
const { TlsProvider } = require("@cdktf/provider-tls/lib/provider");
`;
const LIBRARY = `const { HardWayCluster } = require(${JSON.stringify(root)});\n`;
const stack = (cluster: string): string => `
const app = new App({ outdir: process.env.OUT });
const stack = new TerraformStack(app, "bench");
new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: "eu-west-1" });
new NullProvider(stack, "null");
new TlsProvider(stack, "tls");
${cluster}
app.synth();
`;
const CLUSTER = `new HardWayCluster(stack, "cluster", { clusterName: "bench", adminCidrs: ["192.0.2.0/24"] });`;
const CPU = `
const { user, system } = process.cpuUsage();
process.stdout.write(String((user + system) / 1e6));
`;

const CASES = {
  "load cdktf and providers": LOAD,
  "load the library too": LOAD + LIBRARY,
  "synth an empty stack": LOAD + stack(""),
  "synth a hard-way cluster": LOAD + LIBRARY + stack(CLUSTER),
} as const;
type Case = keyof typeof CASES;
const names = Object.keys(CASES) as Case[];

/** Seconds of one process. */
interface Time {
  readonly wall: number;
  readonly cpu: number;
}

function run(file: string, name: Case): Time {
  const out = mkdtempSync(join(tmpdir(), "bench-out-"));
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    env: { ...process.env, OUT: out },
    encoding: "utf8",
  });
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  rmSync(out, { recursive: true, force: true });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return { wall, cpu: Number(stdout) };
}

const folder = mkdtempSync(join(root, ".bench-"));
const times = new Map<Case, Time[]>(names.map((name) => [name, []]));
try {
  const file = join(folder, "app.js");
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) {
      writeFileSync(file, CASES[name] + CPU);
      times.get(name)!.push(run(file, name));
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const median = (name: Case, what: keyof Time): number =>
  times
    .get(name)!
    .map((time) => time[what])
    .sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
const pair = (text: (what: keyof Time) => string): string =>
  (["wall", "cpu"] as const).map((w) => text(w).padStart(10)).join("");
const line = (name: string, text: (what: keyof Time) => string): void =>
  void process.stdout.write(`${name.padEnd(34)}${pair(text)}\n`);

line(`medians of ${rounds}`, (what) => what);
for (const name of names) line(name, (what) => `${median(name, what).toFixed(3)} s`);
line("the library's share of loading", (what) => {
  const share = median("load the library too", what) - median("load cdktf and providers", what);
  return `${share.toFixed(3)} s`;
});
line("a cluster's synth to an empty one's", (what) => {
  return (median("synth a hard-way cluster", what) / median("synth an empty stack", what)).toFixed(2);
});
