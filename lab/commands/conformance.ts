import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { command } from "../artifacts/command";
import { prepareConformanceSuite } from "../artifacts/conformance-suite";
import { runConformance } from "../conformance/run";
import { down, refuseWhenSomethingIsInTheWay, status } from "../lab";
import { projectFolder } from "../terraform/workspace";
import { Cluster, prepare } from "./cluster";
import { Progress } from "./progress";

// npm run conformance [-- --focus REGEX …] [--procs N]: upstream's conformance specs, against the cluster of npm start or,
// where none is up, against one that begins and ends with this command.
const { line } = new Progress();

async function conformance(): Promise<boolean> {
  const { values } = parseArgs({
    options: { focus: { type: "string", multiple: true }, procs: { type: "string" } },
  });
  const cluster = new Cluster("hard-way");
  const lab = status();
  const isUp = lab?.phase === "ready" && lab.owner === projectFolder && existsSync(cluster.kubeconfigPath);
  if (!isUp) refuseWhenSomethingIsInTheWay();
  const artifacts = await prepare({ log: (text) => line(`artifacts  ${text}`) });
  const suite = await prepareConformanceSuite({ log: (text) => line(`artifacts  ${text}`) });
  // Also when interrupted: the specs end with this command, and so does a cluster that began with it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void (isUp ? Promise.resolve() : down({ log: line })).finally(() => process.exit(130)));
  }
  try {
    if (!isUp) {
      line("no cluster of this clone is up: npm start");
      const start = ["--import", "tsx", join(__dirname, "start.ts")];
      await command(process.execPath, start, { folder: projectFolder, log: (text) => line(`start      ${text}`) });
    }
    const started = Date.now();
    const report = await runConformance(cluster, {
      suite,
      artifacts,
      ...(values.focus ? { focus: values.focus } : {}),
      ...(values.procs ? { processes: Number(values.procs) } : {}),
      folder: join(projectFolder, "conformance-report"),
      log: (text) => line(`specs      ${text}`),
    });
    const failed = report.outcomes.filter(({ passed }) => !passed);
    for (const { name, message } of failed) process.stdout.write(`\nFAILED ${name}\n${message}\n`);
    process.stdout.write(
      `\n${Math.round((Date.now() - started) / 1000)} s; report: ${report.junit}; all that was said: ${report.output}\n`,
    );
    process.stdout.write(`${report.outcomes.length - failed.length} passed, ${failed.length} failed\n`);
    return failed.length === 0;
  } finally {
    if (!isUp) await down({ log: line }).then(() => cluster.forget());
  }
}

conformance().then(
  (passed) => (process.exitCode = passed ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.stdout.write("0 passed, 1 failed\n");
    process.exitCode = 1;
  },
);
