import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import { status, type MachineStatus } from "../../lab/lab";
import { explain } from "../../lab/terraform/explain";
import { TerraformError, type Terraform } from "../../lab/terraform/terraform";
import { projectFolder, type StackJson } from "../../lab/terraform/workspace";
import { testsFolder } from "./own-lab";

/** A stack of EKS in the lab of the tests, which may be applied in another form than it was synthesised in. */
export class EksStack {
  readonly cluster: Cluster;
  readonly terraform: Terraform;
  readonly json: StackJson;
  private readonly whole: string;

  constructor(
    readonly name: string,
    private readonly artifacts: Artifacts,
    app?: string,
  ) {
    this.cluster = new Cluster(name, join(testsFolder, `eks-${name}`));
    this.cluster.forget();
    this.json = this.cluster.synthesise(app);
    this.whole = readFileSync(this.file, "utf8");
    this.terraform = this.cluster.terraform(artifacts);
  }

  /** Applies the stack as it is, or changed. */
  async apply(change: (json: Json) => Json = (json) => json, ...options: string[]): Promise<void> {
    writeFileSync(this.file, JSON.stringify(change(JSON.parse(this.whole) as Json)));
    await this.terraform.apply(() => undefined, ...options);
  }

  /** The error that an apply ends with, as npm start tells it. */
  async failure(change: (json: Json) => Json, ...options: string[]): Promise<string> {
    try {
      await this.apply(change, ...options);
    } catch (error) {
      if (error instanceof TerraformError) return explain(error, this.json);
      throw error;
    }
    throw new Error("the apply did not fail");
  }

  kubectl(...args: string[]): string {
    const { status: code, stdout, stderr } = capture(this.cluster.kubectlCommand(this.artifacts.kubectl, args));
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** Each node and whether it is Ready. */
  nodes(): Record<string, string> {
    const row = '{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}';
    const said = this.kubectl("get", "nodes", "--output", `jsonpath={range .items[*]}${row}{"\\n"}{end}`);
    return Object.fromEntries(
      said
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(" ") as [string, string]),
    );
  }

  /** The machines of a group. */
  machines(group: string): MachineStatus[] {
    const clusterName = this.name === "eks" ? "eks" : this.name;
    return (status()?.machines ?? []).filter(({ name }) => name === `${clusterName}-${group}-Node`);
  }

  private get file(): string {
    return join(this.cluster.folder, "cdk.tf.json");
  }
}

/* eslint-disable @typescript-eslint/no-explicit-any -- a stack's JSON is changed as it comes */
export type Json = Record<string, any>;

const isAwsAuth = (path: string): boolean => path.includes("/aws-auth/");

/** The stack as those have it who forgot aws-auth: its step is not there, and nothing waits for it. */
export function withoutAwsAuth(json: Json): Json {
  const resources: [string, string, Json][] = ["resource", "data"].flatMap((kind) =>
    Object.entries(json[kind] as Json).flatMap(([type, named]) =>
      Object.entries(named as Json).map(([name, block]): [string, string, Json] => [
        kind,
        `${type}.${name}`,
        block as Json,
      ]),
    ),
  );
  const gone = resources.filter(([, , block]) => isAwsAuth(block["//"].metadata.path));
  if (gone.length === 0) throw new Error("the stack has no aws-auth step to take away");
  const addresses = new Set(gone.map(([kind, address]) => (kind === "data" ? `data.${address}` : address)));
  for (const [kind, address] of gone) {
    const [type = "", name = ""] = address.split(".");
    delete json[kind][type][name];
    if (Object.keys(json[kind][type]).length === 0) delete json[kind][type];
  }
  for (const [, , block] of resources)
    if (block["depends_on"]) block["depends_on"] = block["depends_on"].filter((one: string) => !addresses.has(one));
  return json;
}

/** The stack whose wait gives up early. */
export function impatient(json: Json, seconds = 15): Json {
  for (const block of Object.values<Json>(json["resource"]["null_resource"])) {
    if (!/\/nodes\/Resource$/.test(block["//"].metadata.path)) continue;
    if (block["triggers"]) block["triggers"].TIMEOUT_SECONDS = String(seconds);
    for (const { "local-exec": run } of block["provisioner"] ?? [])
      if (run.environment.TIMEOUT_SECONDS) run.environment.TIMEOUT_SECONDS = String(seconds);
  }
  return json;
}

/** The first process of a machine, seen from outside; none while it is starting. */
function firstProcess({ namespace }: MachineStatus): string | undefined {
  const [container = ""] = spawnSync("pgrep", ["-f", `machine=${namespace} `], { encoding: "utf8" }).stdout.split("\n");
  if (container === "") return undefined;
  return readFileSync(`/proc/${container}/task/${container}/children`, "utf8").trim().split(" ")[0]!;
}

/** Puts a program on a machine. */
export function putOnMachine(machine: MachineStatus, program: string, path: string): void {
  copyFileSync(program, `/proc/${firstProcess(machine)}/root${path}`);
}

/** Runs on a machine, in all of its namespaces, as its console would. */
export function onMachine(machine: MachineStatus, command: string): { status: number | null; output: string } {
  const first = firstProcess(machine);
  if (first === undefined) return { status: null, output: "" };
  const enter = ["--target", first, "--mount", "--pid", "--net", "--uts", "--ipc"];
  const { status: code, stdout, stderr } = capture(["nsenter", ...enter, "bash", "-c", command]);
  return { status: code, output: `${stdout}${stderr}` };
}

/** Puts the checks where a person would, and runs the one for nodes. */
export function diagnose(machine: MachineStatus): { status: number | null; output: string } {
  const script = (name: string): string => readFileSync(join(projectFolder, "scripts", "verify", name), "utf8");
  for (const name of ["report.sh", "eks-node.sh"]) {
    const text = Buffer.from(script(name)).toString("base64");
    const folder = "/root/scripts/verify";
    onMachine(machine, `mkdir -p ${folder} && echo ${text} | base64 -d >${folder}/${name}`);
  }
  return onMachine(machine, "bash /root/scripts/verify/eks-node.sh");
}
