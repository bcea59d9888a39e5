import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { clusterOf, stacks, type Cluster } from "./cluster";

// npm run kubectl -- …  and  npm run ssh -- MACHINE …: the same programs as ever, where the cluster can be reached.
const [tool, ...args] = process.argv.slice(2);

/** The one that npm start made last. */
function cluster(): Cluster {
  const made = (candidate: Cluster): number =>
    statSync(candidate.kubeconfigPath, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = stacks.map(clusterOf).sort((one, other) => made(other) - made(one))[0]!;
  if (made(newest) === 0) throw new Error("no cluster of this clone is up; run npm start first");
  return newest;
}

function commandFor(): readonly string[] {
  const found = cluster();
  if (tool === "kubectl") return found.kubectlCommand(found.kubectl, args);
  const [machine = "", ...rest] = args;
  return found.sshCommand(machine, rest);
}

try {
  const [program, ...rest] = commandFor();
  process.exitCode = spawnSync(program!, rest, { stdio: "inherit" }).status ?? 1;
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
