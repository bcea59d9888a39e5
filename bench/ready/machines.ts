import { writeFileSync } from "node:fs";
import { DEBIAN_12 } from "../../constructs";
import { command } from "../../lab/artifacts/command";
import type { Artifacts, Cluster } from "../../lab/commands/cluster";
import { machineCommand } from "../../lab/commands/cluster";
import { sshOptions } from "../../lab/commands/ssh-options";
import { operatorCommand, status } from "../../lab/lab";
import type { Terraform, TerraformEvent } from "../../lab/terraform/terraform";
import type { StackJson } from "../../lab/terraform/workspace";

/** Asks again and again until it holds, without a pause that would show in a time. */
export async function until(what: string, holds: () => Promise<boolean>, seconds = 300): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await holds());) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Six machines that answer SSH and know nothing of Kubernetes, made anew for each way to a cluster. */
export class Machines {
  readonly controllers = [0, 1, 2].map((number) => `controller-${number}`);
  readonly workers = [0, 1, 2].map((number) => `worker-${number}`);
  readonly all = [...this.controllers, ...this.workers];
  private readonly terraform: Terraform;

  constructor(
    private readonly cluster: Cluster,
    private readonly stack: StackJson,
    artifacts: Artifacts,
  ) {
    this.terraform = cluster.terraform(artifacts);
  }

  init(): Promise<void> {
    return this.terraform.init();
  }

  /** Applies everything but the stages; machines that are there make way for new ones. */
  async renew(): Promise<void> {
    const there = await this.terraform.state();
    const targets = this.addresses((type) => type !== "null_resource").map((address) => `-target=${address}`);
    const old = this.addresses((type) => type === "aws_instance").filter((address) => there.includes(address));
    await this.terraform.apply(() => undefined, ...targets, ...old.map((address) => `-replace=${address}`));
    writeFileSync(this.cluster.sshKeyPath, String(await this.terraform.output("ssh_private_key")), { mode: 0o600 });
    const answers = (machine: string): Promise<boolean> =>
      this.on(machine, "cloud-init status --wait >/dev/null || true").then(
        () => true,
        () => false,
      );
    await Promise.all(this.all.map((machine) => until(`SSH of ${machine}`, () => answers(machine))));
  }

  /** Applies the stages that fetch what later ones install. */
  async programs(): Promise<void> {
    const targets = this.addresses((type) => type === "null_resource").filter((name) =>
      /stage-[a-z-]+-programs_/.test(name),
    );
    await this.terraform.apply(() => undefined, ...targets.map((address) => `-target=${address}`));
  }

  /** Applies the rest, the stages. */
  bootstrap(onEvent: (event: TerraformEvent) => void): Promise<void> {
    return this.terraform.apply(onEvent);
  }

  /** Runs a script on a machine, as root. */
  on(machine: string, script: string): Promise<string> {
    const address = status()?.machines.find(({ name, state }) => name === machine && state === "running")?.public;
    if (!address) return Promise.reject(new Error(`the lab has no running machine ${machine}`));
    const target = `${DEBIAN_12.user}@${address}`;
    const ssh = ["ssh", "-i", this.cluster.sshKeyPath, ...sshOptions(10), target, "sudo", "bash", "-s"];
    const [program = "", ...args] = operatorCommand(ssh);
    return command(program, args, { input: script, timeoutSeconds: 600 });
  }

  /**
   * Waits until the API calls `nodes` nodes Ready, and every worker reaches two Services: DNS, which knows the API's
   * name, and the API itself.
   */
  async answer(nodes: number, kubeconfig: string): Promise<void> {
    // On the machine, and told of changes: to ask again and again would take the processors from what is asked about.
    await this.on(
      this.controllers[0]!,
      `export KUBECONFIG=${kubeconfig}
      until [ "$(kubectl get nodes --no-headers | wc -l)" -eq ${nodes} ]; do sleep 0.3; done
      kubectl wait --for=condition=Ready nodes --all --timeout=300s`,
    );
    const asks = async (worker: string, ...question: string[]): Promise<string> => {
      const [program = "", ...args] = machineCommand(worker, question);
      return (await command(program, args, { timeoutSeconds: 10 }).catch(() => "")).trim();
    };
    const dig = ["dig", "+short", "+time=1", "+tries=1", "@10.32.0.10", "kubernetes.default.svc.cluster.local"];
    const curl = ["curl", "--silent", "--insecure", "--max-time", "2", "https://10.32.0.1/readyz"];
    for (const worker of this.workers) {
      await until(`DNS at ${worker}`, async () => (await asks(worker, ...dig)) === "10.32.0.1");
      await until(`the API's Service at ${worker}`, async () => (await asks(worker, ...curl)) === "ok");
    }
  }

  private addresses(wanted: (type: string) => boolean): string[] {
    return Object.entries(this.stack.resource)
      .filter(([type]) => wanted(type))
      .flatMap(([type, resources]) => Object.keys(resources).map((name) => `${type}.${name}`));
  }
}
