import { existsSync } from "node:fs";
import { join } from "node:path";
import { status, up } from "../lab";
import { systemPackages } from "../artifacts/system-packages";
import { ApplyProgress, explain } from "../terraform/apply-progress";
import { TerraformError } from "../terraform/terraform";
import { prepare } from "../artifacts/prepare";
import { Cluster, capture, machineCommand } from "./cluster";
import { planOnly } from "./plan-only";
import { Progress } from "./progress";
import { summary } from "./summary";

/** The main job: from a clone to a cluster that answers, on this machine. */
async function start(): Promise<void> {
  const progress = new Progress();
  const { line } = progress;
  const cluster = new Cluster("hard-way");

  line("synthesising main.ts");
  const stack = cluster.synthesise();
  for (const text of summary(stack)) line(text);

  const reason = whyNoMachines();
  if (reason !== undefined) {
    line(`${reason}; so this ends with the plan`);
    return planOnly(cluster, line);
  }

  // Artifacts take minutes the first time; the lab needs none of them before nodes fetch theirs.
  await systemPackages((text) => line(`packages   ${text}`));
  // Only a lab that this clone has built in; at another's, up says whose is in the way.
  const running = status()?.phase === "ready" && existsSync(join(cluster.folder, "terraform.tfstate"));
  if (running) line("the lab of this clone is up already: going on with it");
  const [artifacts] = await Promise.all([
    prepare({ log: (text) => line(`artifacts  ${text}`) }),
    running ? Promise.resolve() : up({ log: (text: string) => line(`lab        ${text}`) }),
  ]);

  for (const { name, version, source } of artifacts.terraformProviders) line(`provider ${name} ${version}: ${source}`);
  const terraform = cluster.terraform(artifacts);
  line("terraform init");
  await terraform.init();
  line("terraform plan");
  const plan = await terraform.plan("-out=plan.tfplan");
  line(/^(Plan: .*|No changes.*)$/m.exec(plan.output)?.[0] ?? "planned");
  await terraform.apply(new ApplyProgress(stack, line).event, "plan.tfplan");
  line("terraform apply is complete");
  await cluster.saveAccess(terraform, artifacts);

  const nodes = capture(cluster.kubectlCommand(artifacts.kubectl, ["get", "nodes", "-o", "wide"]));
  process.stdout.write(`\n${nodes.stdout}${nodes.stderr}\n`);
  const dns = dnsCheck();
  process.stdout.write(dns.output);
  if (nodes.status !== 0 || !dns.passed)
    throw new Error("the cluster is up but does not answer as it should; see above");

  process.stdout.write(`
kubeconfig: ${cluster.kubeconfigPath} (it works inside the lab's network, where the next commands run)

  npm run kubectl -- get pods -A      ask the cluster
  npm run ssh -- worker-0             log in to a machine
  npm start                           apply what you changed in main.ts
  npm run down                        take everything away again
`);
  line("done");
}

/** Asks CoreDNS, with dig in a worker's network, for the two names that every cluster has. */
function dnsCheck(): { passed: boolean; output: string } {
  const questions = [
    ["kubernetes.default.svc.cluster.local", "10.32.0.1"],
    ["kube-dns.kube-system.svc.cluster.local", "10.32.0.10"],
  ] as const;
  const answers = questions.map(([name, expected]) => {
    const answer = capture(
      machineCommand("worker-0", ["dig", "+short", "+time=2", "+tries=2", "@10.32.0.10", name]),
    ).stdout.trim();
    return { name, answer, right: answer === expected };
  });
  return {
    passed: answers.every(({ right }) => right),
    output: answers
      .map(({ name, answer }) => `dig @10.32.0.10 ${name} from worker-0: ${answer || "no answer"}\n`)
      .join(""),
  };
}

/** Why machines cannot run here, or undefined. */
function whyNoMachines(): string | undefined {
  if (process.platform !== "linux") return `machines need Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "machines need root, and this is an ordinary user: try sudo npm start";
  return undefined;
}

start().catch((error: unknown) => {
  const text =
    error instanceof TerraformError
      ? `${error.message}\n${explain(error)}`
      : String(error instanceof Error ? error.message : error);
  process.stderr.write(`\nerror: ${text}\n`);
  if (status() !== undefined)
    process.stderr.write("the lab is still up: npm start goes on from here, npm run down takes it away\n");
  process.exitCode = 1;
});
