import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepare, type Artifacts } from "../artifacts/prepare";
import { environment, operatorCommand, status } from "../lab";
import { Terraform } from "../terraform/terraform";
import { labFolder, synthesise, type StackJson } from "../terraform/workspace";

/** A stack of main.ts in the lab: its Terraform, and the ways in that its outputs give. */
export class Cluster {
  readonly folder: string;
  readonly kubeconfigPath = join(labFolder, "kubeconfig");
  readonly sshKeyPath = join(labFolder, "ssh-key");

  constructor(readonly stackName: string) {
    this.folder = join(labFolder, stackName);
  }

  synthesise(app?: string): StackJson {
    return synthesise(this.stackName, this.folder, app);
  }

  terraform(artifacts: Artifacts, variables: Readonly<Record<string, string>> = {}): Terraform {
    return new Terraform({
      folder: this.folder,
      inside: operatorCommand,
      environment: {
        ...environment(),
        TF_CLI_CONFIG_FILE: artifacts.terraformCliConfig,
        TF_VAR_checksums: JSON.stringify(artifacts.checksums),
        ...variables,
      },
    });
  }

  /** Writes kubeconfig and SSH key from the outputs, for people and tests. */
  async saveAccess(terraform: Terraform, { kubectl }: Artifacts): Promise<void> {
    await this.saveMachines(terraform);
    writeFileSync(join(labFolder, "tools.json"), JSON.stringify({ kubectl }));
    writeFileSync(this.kubeconfigPath, String(await terraform.output("kubeconfig")), { mode: 0o600 });
  }

  /** The part of it that there is as soon as there are machines. */
  async saveMachines(terraform: Terraform): Promise<void> {
    mkdirSync(labFolder, { recursive: true, mode: 0o700 });
    writeFileSync(this.sshKeyPath, String(await terraform.output("ssh_private_key")), { mode: 0o600 });
    const machines = (await terraform.output("machines")) as Record<string, { publicIp: string }>;
    const user = String(await terraform.output("ssh_user"));
    const targets = Object.fromEntries(
      Object.entries(machines).map(([name, { publicIp }]) => [name, `${user}@${publicIp}`]),
    );
    writeFileSync(join(labFolder, "machines.json"), JSON.stringify(targets, undefined, 2));
  }

  kubectlCommand(kubectl: string, args: readonly string[]): readonly string[] {
    return operatorCommand([kubectl, `--kubeconfig=${this.kubeconfigPath}`, ...args]);
  }

  /** Where SSH finds a machine: user and address. */
  sshTarget(machine: string): string {
    const targets = JSON.parse(readFileSync(join(labFolder, "machines.json"), "utf8")) as Record<string, string>;
    const target = targets[machine];
    if (target === undefined) throw new Error(`no machine '${machine}'; there are ${Object.keys(targets).join(", ")}`);
    return target;
  }

  sshCommand(machine: string, args: readonly string[]): readonly string[] {
    const options = [
      "BatchMode=yes",
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "LogLevel=ERROR",
      "ConnectTimeout=10",
    ];
    return operatorCommand([
      "ssh",
      "-i",
      this.sshKeyPath,
      ...options.flatMap((option) => ["-o", option]),
      this.sshTarget(machine),
      ...args,
    ]);
  }
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
