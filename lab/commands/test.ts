import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { down, labOwner, refuseWhenSomethingIsInTheWay } from "../lab";
import { requireTerraform } from "../terraform/terraform-program";
import { projectFolder, testsOwner } from "../terraform/workspace";
import { Progress } from "./progress";

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Tier {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
  readonly needsTerraform?: boolean;
}

const bin = (name: string): string => join(projectFolder, "node_modules", ".bin", name);
const progress = new Progress();
/** Which signal has told the tests to end: then what runs is told to, the lab is taken down, and nothing is begun any more. */
let interrupted: NodeJS.Signals | undefined;
const running = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    interrupted ??= signal;
    for (const child of running) tell(child, signal);
  });
// A terminal that is closed takes no more lines, and there is still a lab to take down.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

// Five seconds, which Jest gives a test that names no limit, are little on a busy processor.
const PATIENT = "--testTimeout=120000";
// Most of a Terraform test waits for the AWS provider, which waits for a load balancer.
const terraform = (name: string): Tier => ({
  name,
  run: () => jest(name, "--maxWorkers=3", PATIENT),
  needsTerraform: true,
});
/** One after another: a machine has one lab. */
const machines = (name: string): Tier => ({
  name,
  run: () => cleanUp(() => jest(name, "--runInBand", PATIENT)),
  needsTerraform: true,
});

/** In order of cost: what fails fast fails first. */
const TIERS: readonly Tier[] = [
  { name: "types", run: () => command(bin("tsc"), ["--noEmit"]) },
  { name: "lint", run: () => command(bin("eslint"), ["."]) },
  { name: "shellcheck", run: shellcheck },
  // Jest leaves a processor idle unless it is told otherwise, and half of two is much.
  { name: "unit", run: () => jest("unit", "--maxWorkers=100%", PATIENT) },
  terraform("terraform"),
  machines("lab"),
];

/** What a change has to pass as well before it lands: other modes, and what goes wrong. */
const LONG: readonly Tier[] = [terraform("terraform-long"), machines("lab-long")];

/** What takes longer than a change should wait for. */
const LONGER: readonly Tier[] = [machines("full")];

/** Tiers that are asked for together. */
const SETS: Readonly<Record<string, readonly Tier[]>> = {
  ci: [...TIERS, ...LONG],
  all: [...TIERS, ...LONG, ...LONGER],
};

async function test(names: readonly string[]): Promise<void> {
  const all = SETS["all"]!;
  const unknown = names.filter((name) => SETS[name] === undefined && !all.some((tier) => tier.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no tier ${unknown.join(", ")}; there are ${[...all.map(({ name }) => name), ...Object.keys(SETS)].join(", ")}`,
    );
  const asked = names.flatMap((name) => SETS[name]?.map((tier) => tier.name) ?? name);
  const tiers = names.length === 0 ? TIERS : all.filter(({ name }) => asked.includes(name));
  if (tiers.some(({ needsTerraform }) => needsTerraform)) requireTerraform();
  let [passed, failed] = [0, 0];
  let endPreparation: (() => Promise<void>) | undefined;
  try {
    for (const tier of tiers) {
      progress.line(`tier ${tier.name}`);
      if (tier.needsTerraform && tiers.some(({ name }) => name === "lab")) endPreparation ??= prepareBeside();
      const outcome = await tier.run();
      if (interrupted !== undefined) break;
      passed += outcome.passed;
      failed += outcome.failed;
      // A test that does not run proves nothing: in CI that is a failure.
      if (process.env["CI"] === "true") failed += outcome.skipped;
      progress.line(
        `tier ${tier.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`,
      );
      if (failed > 0) break;
    }
  } finally {
    await endPreparation?.();
  }
  if (interrupted !== undefined) throw new Error(`ended by ${interrupted}`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/**
 * Begins to make what the tests on machines want, whatever runs meanwhile; who needs a part of it waits for that part
 * alone. When it fails, so does who needs it, and says why.
 *
 * @returns what ends it, done or not
 */
function prepareBeside(): () => Promise<void> {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "prepare-tests.ts")], {
    cwd: projectFolder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = new Promise<void>((resolve) => {
    child.on("error", () => resolve()).on("close", () => resolve());
  });
  return () => {
    child.kill();
    return ended;
  };
}

/** Takes down a lab that tests left, as they do when they are interrupted. */
async function cleanUp(run: () => Promise<Outcome>): Promise<Outcome> {
  refuseWhenSomethingIsInTheWay();
  try {
    return await run();
  } finally {
    // One of somebody else may have come up since.
    if (labOwner() === testsOwner) await down({ log: progress.line });
  }
}

/** Tells a command and all that it has started: Jest's workers, and what they run beside them. */
function tell(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // It has just ended.
  }
}

/** A tier that is one command counts as one test. */
function command(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // In a group of its own, which can be told as a whole, also where a terminal's Ctrl-C tells everybody anyhow.
    const child = spawn(program, args, {
      cwd: projectFolder,
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    running.add(child);
    child.on("error", (error) => reject(new Error(`cannot run ${program}: ${error.message}`)));
    child.on("close", (code) => {
      running.delete(child);
      resolve(code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
    });
  });
}

async function jest(project: string, ...options: string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "jest-"));
  const report = join(folder, "report.json");
  try {
    const args = ["--selectProjects", project, "--json", `--outputFile=${report}`, ...options];
    const { failed } = await command(bin("jest"), args);
    if (interrupted !== undefined) return { passed: 0, failed: 0, skipped: 0 };
    const result = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
    const count = (name: string): number => result[name] ?? 0;
    const broken = count("numFailedTests") + count("numRuntimeErrorTestSuites");
    return {
      passed: count("numPassedTests"),
      failed: failed > 0 ? Math.max(broken, 1) : broken,
      skipped: count("numPendingTests") + count("numTodoTests"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function shellcheck(): Promise<Outcome> {
  if (spawnSync("shellcheck", ["--version"]).status !== 0) installShellcheck();
  const scripts = ["scripts", "lab", "bench", ".ci"].flatMap((folder) => shellFiles(join(projectFolder, folder)));
  return command("shellcheck", ["-x", "-P", "SCRIPTDIR", ...scripts]);
}

function installShellcheck(): void {
  progress.line("installing shellcheck");
  const { status: code } = spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "shellcheck"], {
    stdio: "inherit",
  });
  if (code !== 0)
    throw new Error("shellcheck is not there and apt-get could not install it; install the package shellcheck");
}

function shellFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "node_modules" ? [] : shellFiles(path);
    return name.endsWith(".sh") || readFileSync(path, "utf8").startsWith("#!/usr/bin/env bash") ? [path] : [];
  });
}

test(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  if (interrupted === undefined) process.stdout.write("0 passed, 1 failed\n");
  process.exitCode = interrupted === undefined ? 1 : 128 + constants.signals[interrupted];
});
