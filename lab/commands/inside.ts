import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../terraform/workspace";
import { Cluster } from "./cluster";

// npm run kubectl -- …  and  npm run ssh -- MACHINE …: the same programs as ever, where the cluster can be reached.
const [tool, ...args] = process.argv.slice(2);
const cluster = new Cluster("hard-way");
if (!existsSync(cluster.kubeconfigPath)) {
  process.stderr.write("error: no cluster of this clone is up; run npm start first\n");
  process.exit(1);
}

function commandFor(): readonly string[] {
  if (tool === "kubectl") return cluster.kubectlCommand(kubectlPath(), args);
  const [machine = "", ...rest] = args;
  return cluster.sshCommand(machine, rest);
}

/** The client as the nodes got it. */
function kubectlPath(): string {
  const { kubectl } = JSON.parse(readFileSync(join(labFolder, "tools.json"), "utf8")) as { kubectl: string };
  return kubectl;
}

try {
  const [program, ...rest] = commandFor();
  process.exitCode = spawnSync(program!, rest, { stdio: "inherit" }).status ?? 1;
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
