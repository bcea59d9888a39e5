import { down, refuseWhenSomethingIsInTheWay, status, up } from "../lab";
import { systemPackages } from "../artifacts/system-packages";
import { ApplyProgress } from "../terraform/apply-progress";
import { explain } from "../terraform/explain";
import { TerraformError } from "../terraform/terraform";
import { requireTerraform } from "../terraform/terraform-program";
import { wasCutOff } from "../terraform/unfinished-run";
import { projectFolder, type StackJson } from "../terraform/workspace";
import { prepare, type Artifacts } from "../artifacts/prepare";
import { capture, clusterOf, machineCommand, stacks, type StackName } from "./cluster";
import { planOnly } from "./plan-only";
import { Progress } from "./progress";
import { summary } from "./summary";

/** The main job: from a clone to a cluster that answers, on this machine. */
async function start(name: string): Promise<void> {
  const progress = new Progress();
  const { line } = progress;
  const stackName = stacks.find((candidate) => candidate === name);
  if (stackName === undefined) throw new Error(`no stack '${name}' to start; there are ${stacks.join(", ")}`);
  const cluster = clusterOf(stackName);
  requireTerraform();

  const reason = whyNoMachines();
  let goesOn = reason === undefined && isOurLabUp();
  if (goesOn && wasCutOff(cluster.folder)) {
    line("the last apply was killed, and Terraform's state lacks what it built last: beginning with a new lab");
    await down({ log: (text: string) => line(`lab        ${text}`) });
    goesOn = false;
  }
  if (reason === undefined && !goesOn) {
    // Said before anything is made, which takes minutes the first time.
    refuseWhenSomethingIsInTheWay();
    cluster.forget();
  }
  const synthesise = (): StackJson => {
    line("synthesising main.ts");
    const made = cluster.synthesise();
    for (const text of summary(made)) line(text);
    return made;
  };
  // A cluster in a network that is there is told of it, and the lab has to make that first.
  const inNetwork = stackName === "hybrid";
  const stack = inNetwork ? undefined : synthesise();
  if (reason !== undefined) {
    if (inNetwork) throw new Error(`${reason}; without them there is no network for the stack hybrid to be in`);
    line(`${reason}; so this ends with the plan`);
    return planOnly(cluster, line);
  }

  if (goesOn) line("the lab of this clone is up already: going on with it");
  await systemPackages((text) => line(`packages   ${text}`));
  const artifacts = await artifactsAndLab(line, goesOn);
  for (const { name, version, source } of artifacts.terraformProviders) line(`provider ${name} ${version}: ${source}`);
  if (inNetwork) {
    line("making a private network, as somebody else would: two zones, a VPN gateway to an office with a proxy");
    await cluster.makeNetwork(artifacts);
  }
  const made = stack ?? synthesise();
  const terraform = cluster.terraform(artifacts);
  line("terraform init");
  await terraform.init();
  line("terraform plan");
  const plan = await terraform.plan("-out=plan.tfplan");
  line(/^(Plan: .*|No changes.*)$/m.exec(plan.output)?.[0] ?? "planned");
  await terraform.apply(new ApplyProgress(made, line).event, "plan.tfplan").catch((error: unknown) => {
    throw error instanceof TerraformError ? new Error(`${error.what}\n${explain(error, made)}`) : error;
  });
  line("terraform apply is complete");
  await cluster.saveAccess(terraform, artifacts);

  const nodes = capture(cluster.kubectlCommand(artifacts.kubectl, ["get", "nodes", "-o", "wide"]));
  process.stdout.write(`\n${nodes.stdout}${nodes.stderr}\n`);
  const dns = stackName === "eks" ? undefined : dnsCheck();
  process.stdout.write(dns?.output ?? "");
  if (nodes.status !== 0 || dns?.passed === false)
    throw new Error("the cluster is up but does not answer as it should; see above");
  process.stdout.write(whatNext(stackName, cluster.kubeconfigPath));
  line("done");
}

function whatNext(stack: StackName, kubeconfig: string): string {
  const login = "  npm run ssh -- worker-0             log in to a machine\n";
  const again = `npm start${stack === "hard-way" ? "" : ` -- ${stack}`}`.padEnd(23);
  return `
kubeconfig: ${kubeconfig} (it works inside the lab's network, where the next commands run)

  npm run kubectl -- get pods -A      ask the cluster
${stack === "eks" ? "" : login}  ${again}             apply what you changed in main.ts
  npm run down                        take everything away again
`;
}

/** Whether the lab that runs is one that `npm start` of this clone began, however far it came. */
function isOurLabUp(): boolean {
  const lab = status();
  return lab?.phase === "ready" && lab.owner === projectFolder;
}

/** Both at once: the lab needs no artifact before nodes fetch theirs. */
async function artifactsAndLab(line: (text: string) => void, labIsUp: boolean): Promise<Artifacts> {
  const lab = labIsUp
    ? Promise.resolve()
    : up({ owner: projectFolder, log: (text: string) => line(`lab        ${text}`) });
  try {
    const [artifacts] = await Promise.all([prepare({ log: (text) => line(`artifacts  ${text}`) }), lab]);
    return artifacts;
  } catch (error) {
    // A lab that is just starting is ready in seconds, and the next npm start goes on with it.
    await lab.catch(() => undefined);
    throw error;
  }
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

start(process.argv[2] ?? "hard-way").catch((error: unknown) => {
  process.stderr.write(`\nerror: ${error instanceof Error ? error.message : String(error)}\n`);
  if (isOurLabUp())
    process.stderr.write("the lab is still up: npm start goes on from here, npm run down takes it away\n");
  // At once: whatever is still being prepared would only go on behind the error, and ends with this process.
  process.exit(1);
});
