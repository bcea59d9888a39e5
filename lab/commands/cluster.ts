import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { prepare, type Artifacts } from "../artifacts/prepare";
import { environment, operatorCommand, status } from "../lab";
import { Terraform } from "../terraform/terraform";
import { officeCommand, officeEnvironment } from "../vpc/office";
import { labFolder, synthesise, type StackJson } from "../terraform/workspace";
import { corporateNetwork, corporateStack } from "./corporate-network";
import { eksKubeconfig } from "./eks-kubeconfig";
import { sshOptions } from "./ssh-options";

/** A stack of main.ts in the lab: its Terraform, and the ways in that its outputs give. */
export class Cluster {
  readonly folder: string;
  readonly kubeconfigPath: string;
  readonly sshKeyPath: string;
  readonly knownHostsPath: string;
  /** Its machines have private addresses alone, which the office reaches; people and Terraform are there. */
  private readonly isHybrid: boolean;

  /** `base` is where everything of it lies, and nothing else. */
  constructor(
    readonly stackName: string,
    private readonly base = labFolder,
  ) {
    this.isHybrid = stackName === "hybrid";
    this.folder = join(base, stackName);
    this.kubeconfigPath = join(base, "kubeconfig");
    this.sshKeyPath = join(base, "ssh-key");
    this.knownHostsPath = join(base, "known-hosts");
  }

  /** Forgets state, logs and keys: they are an account's, and another lab is another account. */
  forget(): void {
    rmSync(this.base, { recursive: true, force: true });
  }

  synthesise(app?: string): StackJson {
    return synthesise(this.stackName, this.folder, app, this.isHybrid ? { HYBRID_NETWORK: this.networkPath } : {});
  }

  /** Makes the private network of a hybrid cluster, by Terraform that is not the cluster's, and tells its stack of it. */
  async makeNetwork(artifacts: Artifacts): Promise<Terraform> {
    const folder = join(this.base, "network");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const region = environment()["AWS_REGION"]!;
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(corporateStack(region)));
    const terraform = new Terraform({
      folder,
      inside: operatorCommand,
      environment: { ...environment(), TF_CLI_CONFIG_FILE: artifacts.terraformCliConfig },
    });
    await terraform.init();
    await terraform.apply(() => undefined);
    const [vpc, subnets, tables] = await Promise.all(
      ["vpc", "subnets", "tables"].map((name) => terraform.output(name)),
    );
    const network = { vpc: vpc as string, subnets: subnets as string[], tables: tables as string[] };
    writeFileSync(this.networkPath, JSON.stringify(corporateNetwork(region, network), undefined, 2));
    return terraform;
  }

  private get networkPath(): string {
    return join(this.base, "network", "network.json");
  }

  private get inside(): (argv: readonly string[]) => string[] {
    return this.isHybrid ? officeCommand : operatorCommand;
  }

  terraform(artifacts: Artifacts, variables: Readonly<Record<string, string>> = {}): Terraform {
    return new Terraform({
      folder: this.folder,
      inside: this.inside,
      environment: {
        ...environment(),
        ...(this.isHybrid ? officeEnvironment() : {}),
        // Steps that run beside Terraform need it.
        PATH: [dirname(artifacts.kubectl), process.env["PATH"]].join(delimiter),
        TF_CLI_CONFIG_FILE: artifacts.terraformCliConfig,
        TF_VAR_checksums: JSON.stringify(artifacts.checksums),
        ...variables,
      },
    });
  }

  /** Writes kubeconfig and, where there are machines with names, the SSH key from the outputs, for people and tests. */
  async saveAccess(terraform: Terraform, { kubectl, authenticator }: Artifacts): Promise<void> {
    const kubeconfig = String(await terraform.output("kubeconfig"));
    const eks = kubeconfig.includes("get-token");
    if (!eks) await this.saveMachines(terraform);
    mkdirSync(this.base, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.base, "tools.json"), JSON.stringify({ kubectl }));
    const own = eks ? eksKubeconfig(kubeconfig, authenticator, environment()) : kubeconfig;
    writeFileSync(this.kubeconfigPath, own, { mode: 0o600 });
  }

  /** The part of it that there is as soon as there are machines. */
  async saveMachines(terraform: Terraform): Promise<void> {
    mkdirSync(this.base, { recursive: true, mode: 0o700 });
    writeFileSync(this.sshKeyPath, String(await terraform.output("ssh_private_key")), { mode: 0o600 });
    writeFileSync(this.knownHostsPath, String(await terraform.output("ssh_known_hosts")));
    const machines = (await terraform.output("machines")) as Record<string, { privateIp: string; publicIp: string }>;
    const user = String(await terraform.output("ssh_user"));
    const targets = Object.fromEntries(
      Object.entries(machines).map(([name, { privateIp, publicIp }]) => [
        name,
        `${user}@${this.isHybrid ? privateIp : publicIp}`,
      ]),
    );
    writeFileSync(join(this.base, "machines.json"), JSON.stringify(targets, undefined, 2));
  }

  /** The client as the nodes got it. */
  get kubectl(): string {
    return (JSON.parse(readFileSync(join(this.base, "tools.json"), "utf8")) as { kubectl: string }).kubectl;
  }

  kubectlCommand(kubectl: string, args: readonly string[]): readonly string[] {
    return this.inside([kubectl, `--kubeconfig=${this.kubeconfigPath}`, ...args]);
  }

  /** Where SSH finds a machine: user and address. */
  sshTarget(machine: string): string {
    const targets = JSON.parse(readFileSync(join(this.base, "machines.json"), "utf8")) as Record<string, string>;
    const target = targets[machine];
    if (target === undefined) throw new Error(`no machine '${machine}'; there are ${Object.keys(targets).join(", ")}`);
    return target;
  }

  sshCommand(machine: string, args: readonly string[]): readonly string[] {
    const target = this.sshTarget(machine);
    const options = sshOptions(10, { file: this.knownHostsPath, name: machine });
    return this.inside(["ssh", "-i", this.sshKeyPath, ...options, target, ...args]);
  }
}

/** The clusters of main.ts, in the folders that `npm start` keeps them in. */
export const stacks = ["hard-way", "eks", "hybrid"] as const;
export type StackName = (typeof stacks)[number];

export function clusterOf(stack: StackName): Cluster {
  return stack === "hard-way" ? new Cluster(stack) : new Cluster(stack, join(labFolder, stack));
}

/** A command in the network of a machine, as if it ran there. */
export function machineCommand(name: string, command: readonly string[]): readonly string[] {
  const machine = status()?.machines.find((candidate) => candidate.name === name);
  if (machine === undefined) throw new Error(`the lab has no machine '${name}'`);
  return ["ip", "netns", "exec", machine.namespace, ...command];
}

/** Runs a command to its end and gives what it printed. */
export function capture(
  command: readonly string[],
  options: { input?: string; timeoutSeconds?: number } = {},
): SpawnSyncReturns<string> {
  const [program, ...args] = command;
  return spawnSync(program!, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: (options.timeoutSeconds ?? 120) * 1000,
    ...(options.input === undefined ? {} : { input: options.input }),
  });
}

export { prepare, type Artifacts };
