import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agnhost } from "../../lab/artifacts/versions";
import { Cluster, capture, machineCommand, type Artifacts } from "../../lab/commands/cluster";
import { explain } from "../../lab/terraform/explain";
import { TerraformError, type Terraform } from "../../lab/terraform/terraform";
import { projectFolder, type StackJson } from "../../lab/terraform/workspace";
import { startOwnLab, testsFolder } from "./own-lab";

/** The stack of main.ts, as it is, in the lab: one cluster that the parts of hard-way.test.ts work on in turn. */
export const cluster = new Cluster("hard-way", testsFolder);
export const minutes = (count: number): number => count * 60_000;
export const controllers: readonly string[] = ["controller-0", "controller-1", "controller-2"];
export const workers: readonly string[] = ["worker-0", "worker-1", "worker-2"];

export let artifacts: Artifacts;
export let terraform: Terraform;
let stack: StackJson;

/** Starts a lab, with Terraform ready to apply. */
export async function startCluster(): Promise<void> {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab();
  stack = cluster.synthesise();
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}

export const kubectl = (...args: string[]): string => {
  const { status: code, stdout, stderr } = capture(cluster.kubectlCommand(artifacts.kubectl, args));
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
};

/** The node and the address of each pod of CoreDNS. */
export const dnsPods = (): [node: string, address: string][] => {
  const rows = 'jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP}{"\\n"}{end}';
  return kubectl("get", "pods", "-n", "kube-system", "-l", "k8s-app=kube-dns", "-o", rows)
    .trim()
    .split("\n")
    .map((row) => {
      const [node = "", address = ""] = row.split(" ");
      return [node, address];
    });
};

/** What a name resolves to, asked at `server` in the network of a machine; empty when there is no answer. */
export const dig = (machine: string, server: string, name: string, tries = 1): string =>
  capture(machineCommand(machine, ["dig", "+short", "+time=1", `+tries=${tries}`, `@${server}`, name])).stdout.trim();

export interface Said {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a command on a machine, as its login user. */
export const on = (machine: string, command: string, timeoutSeconds = 120): Said => {
  const { status: code, stdout, stderr } = capture(cluster.sshCommand(machine, [command]), { timeoutSeconds });
  return { status: code, output: `${stdout}${stderr}` };
};

/** What a command prints on a machine, where it has to succeed. */
export const told = (machine: string, command: string): string => {
  const { status: code, output } = on(machine, command);
  if (code !== 0) throw new Error(`${machine}: ${command}: ${output}`);
  return output.trim();
};

/** Runs a pod that has curl and serves HTTP at 8080 on a node, until it is Ready; a Secret that it names is at /secret. */
export function runPod(name: string, node: string, secret?: string): void {
  const mounted = secret === undefined ? [] : [{ name: "secret", secret: { secretName: secret } }];
  const image = `registry.k8s.io/e2e-test-images/agnhost:${agnhost}`;
  const container = {
    ...{ name: "web", image, args: ["netexec", "--http-port=8080"] },
    volumeMounts: mounted.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` })),
  };
  const spec = { nodeName: node, terminationGracePeriodSeconds: 1, volumes: mounted, containers: [container] };
  kubectl("run", name, `--image=${image}`, `--overrides=${JSON.stringify({ spec })}`);
  kubectl("wait", `pod/${name}`, "--for=condition=Ready", "--timeout=110s");
}

/** Whether a pod gets an answer from the internet, at an address, so that no name is needed. */
export const reachesInternet = (pod: string): boolean => {
  const curl = ["curl", "-s", "-m", "3", "-o", "/dev/null", "http://198.18.0.10/"];
  return capture(cluster.kubectlCommand(artifacts.kubectl, ["exec", pod, "--", ...curl])).status === 0;
};

export const apply = (variables: Readonly<Record<string, string>> = {}): Promise<void> =>
  cluster.terraform(artifacts, variables).apply(() => undefined);

/** What an apply found changed and mended: an action and an address for each resource, such as `update aws_route.…`. */
export async function heal(): Promise<string[]> {
  const mended: string[] = [];
  await terraform.apply(({ type, change }) => {
    if (type === "planned_change" && change !== undefined) mended.push(`${change.action} ${change.resource.addr}`);
  });
  return mended.sort();
}

/** The error that an apply ends with, as npm start tells it. */
export async function failure(variables: Readonly<Record<string, string>> = {}): Promise<string> {
  try {
    await apply(variables);
  } catch (error) {
    if (error instanceof TerraformError) return explain(error, stack);
    throw error;
  }
  throw new Error("the apply succeeded");
}

/** What Terraform's state says of the resource that has `part` in its address. */
export function resource(part: string): Readonly<Record<string, string>> {
  const found = resources(part);
  if (found.length !== 1) throw new Error(`${found.length} resources have ${part} in their address`);
  return found[0]!;
}

export function resources(part: string): Readonly<Record<string, string>>[] {
  const state = JSON.parse(readFileSync(join(cluster.folder, "terraform.tfstate"), "utf8")) as {
    resources: { type: string; name: string; instances: { attributes: Record<string, string> }[] }[];
  };
  return state.resources
    .filter(({ type, name }) => `${type}.${name}`.includes(part))
    .flatMap(({ instances }) => instances.map(({ attributes }) => attributes));
}

/** Puts the verify scripts where a person would. */
export function upload(machine: string): void {
  const archive = capture(["tar", "-C", projectFolder, "-cf", "-", "scripts/verify"]).stdout;
  const { status: code, stderr } = capture(cluster.sshCommand(machine, ["tar", "-xf", "-"]), { input: archive });
  if (code !== 0) throw new Error(stderr);
}
