import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { htmlOf, markdownOf } from "./report/pages";
import { planOf } from "./report/plan";
import { Stack } from "./report/stack";
import { topologyOf } from "./report/topology";

// npm run report: synthesises the stacks, and writes a plan for people beside the Terraform of each
// npm run report -- FOLDER: of what is synthesised there already, by another app too

async function report(folder?: string): Promise<void> {
  if (folder === undefined) await import("./main.js");
  const stacks = join(folder ?? process.env["CDKTF_OUTDIR"] ?? "cdktf.out", "stacks");
  if (!existsSync(stacks)) throw new Error(`there is no ${stacks}; name the folder that an app was synthesised into`);
  for (const name of readdirSync(stacks).sort()) {
    const stack = new Stack(name, join(stacks, name, "cdk.tf.json"));
    const plan = planOf(stack);
    const topology = topologyOf(plan, stack);
    const write = (file: string, content: string): void => writeFileSync(join(stacks, name, file), content);
    write("topology.svg", `${topology}\n`);
    write("plan.md", markdownOf(plan, "topology.svg"));
    write("plan.html", htmlOf(plan, topology));
    process.stdout.write(`wrote ${join(stacks, name, "plan.html")} and plan.md\n`);
  }
}

report(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
