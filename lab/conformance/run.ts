import { mkdirSync, readFileSync, rmSync, createWriteStream, existsSync } from "node:fs";
import { join } from "node:path";
import type { Artifacts } from "../artifacts/prepare";
import type { Log } from "../artifacts/command";
import { command } from "../artifacts/command";
import type { ConformanceSuite } from "../artifacts/conformance-suite";
import type { Cluster } from "../commands/cluster";
import { operatorCommand } from "../lab";
import { cannotPass } from "./cannot-pass";
import { focusOf, outcomes, type Outcome } from "./report";

export interface ConformanceOptions {
  readonly suite: ConformanceSuite;
  readonly artifacts: Artifacts;
  /** Regular expressions for the names of specs; none of them means all specs. */
  readonly focus?: readonly string[];
  /** Specs that run at the same time. Default: 8, which keeps two cores busy. */
  readonly processes?: number;
  /** Default: 60. */
  readonly timeoutMinutes?: number;
  /** Where the reports go; emptied first. */
  readonly folder: string;
  readonly log: Log;
}

export interface ConformanceReport {
  readonly outcomes: readonly Outcome[];
  readonly junit: string;
  /** Everything that the specs said. */
  readonly output: string;
}

/** How often the number of specs that are done is told. */
const tellEverySeconds = 30;

/**
 * Runs upstream's conformance specs against a cluster in the lab: those that may run beside others and can pass there.
 *
 * @throws Error when they cannot be run at all, or none has such a name.
 */
export async function runConformance(cluster: Cluster, options: ConformanceOptions): Promise<ConformanceReport> {
  const { suite, artifacts, focus = [], processes = 8, timeoutMinutes = 60, folder, log } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [junit, report, output] = ["junit.xml", "report.json", "output.log"].map((name) => join(folder, name));
  const [program = "", ...args] = operatorCommand([
    suite.ginkgo,
    `--procs=${processes}`,
    `--timeout=${timeoutMinutes}m`,
    "--label-filter=Conformance && !Serial && !Disruptive",
    ...focus.map((pattern) => `--focus=${pattern}`),
    ...focusOf(cannotPass.map(({ name }) => name)).map((pattern) => `--skip=${pattern}`),
    ...["-v", "--no-color", "--silence-skips", `--output-dir=${folder}`],
    ...["--junit-report=junit.xml", "--json-report=report.json"],
    suite.specs,
    "--",
    `--kubeconfig=${cluster.kubeconfigPath}`,
    `--kubectl-path=${artifacts.kubectl}`,
    ...["--provider=skeleton", "--disable-log-dump", "--non-blocking-taints="],
  ]);
  const written = createWriteStream(output!);
  const progress = new SpecProgress(log);
  let failure: Error | undefined;
  try {
    await command(program, args, {
      folder,
      log: (line) => {
        written.write(`${line}\n`);
        progress.read(line);
      },
      timeoutSeconds: (timeoutMinutes + 5) * 60,
    });
  } catch (error) {
    failure = error as Error;
  } finally {
    progress.end();
    await new Promise((resolve) => written.end(resolve));
  }
  if (!existsSync(report!)) throw failure ?? new Error(`ginkgo left no report; see ${output}`);
  const found = outcomes(readFileSync(report!, "utf8"));
  // Without a failed spec the reason is another, and it must not be lost.
  if (failure && found.every(({ passed }) => passed)) throw failure;
  if (found.length === 0) throw new Error(`no conformance spec that can run here matches ${focus.join(", ")}`);
  return { outcomes: found, junit: junit!, output: output! };
}

/** Reads ginkgo's output as it comes: how many specs there are, each that is done, and the name of each that failed. */
class SpecProgress {
  private readonly started = Date.now();
  private readonly timer = setInterval(() => this.tell(), tellEverySeconds * 1000);
  private total = "?";
  private done = 0;
  private failed = 0;
  private namesFailed = false;

  constructor(private readonly log: Log) {}

  read(line: string): void {
    const total = /^Will run (\d+) of \d+ specs/.exec(line)?.[1];
    if (total !== undefined) this.total = total;
    if (this.namesFailed) this.log(`FAILED ${line}`);
    this.namesFailed = false;
    const ended = /^• (\[[A-Z]+\] )?\[[\d.]+ seconds\]$/.exec(line);
    if (!ended) return;
    this.done += 1;
    if (ended[1] === undefined) return;
    this.failed += 1;
    this.namesFailed = true;
  }

  tell(): void {
    const seconds = Math.round((Date.now() - this.started) / 1000);
    this.log(`${this.done} of ${this.total} specs after ${seconds} s, ${this.failed} failed`);
  }

  end(): void {
    clearInterval(this.timer);
    this.tell();
  }
}
