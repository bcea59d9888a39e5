import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEBIAN_12 } from "../../constructs";
import { STAGES, type StageName } from "../../constructs/bootstrap/stages";
import { Cluster, capture, machineCommand, type Artifacts } from "../../lab/commands/cluster";
import { sshOptions } from "../../lab/commands/ssh-options";
import { operatorCommand, status } from "../../lab/lab";
import { TerraformError, type Terraform } from "../../lab/terraform/terraform";
import type { StackJson } from "../../lab/terraform/workspace";
import { eventually } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";
import { steps } from "../scripts/support/stages";

// Every stage that this cluster has, killed with all that it has started, as a machine is that loses its power.
const cluster = new Cluster("small", testsFolder);
const minutes = (count: number): number => count * 60_000;
/** The stages of the cluster: all but those for HTTP proxies and CloudWatch. */
const stages = STAGES.map(({ name }) => name).filter((name) => name !== "proxy" && name !== "logs");

let artifacts: Artifacts;
let terraform: Terraform;
let resources: { readonly address: string; readonly stage: string; readonly machine: string }[];

const applied = (...options: string[]): Promise<void> => terraform.apply(() => undefined, ...options);
const of = (stage: StageName): string[] =>
  resources.filter((resource) => resource.stage === stage).map(({ address }) => `-target=${address}`);
const machineOf = (stage: StageName): string => resources.find((resource) => resource.stage === stage)!.machine;

/** The small cluster with the one stage that it does without. */
function synthesised(): StackJson {
  process.env["CONTAINER_REGISTRY"] = "true";
  try {
    return cluster.synthesise(join(__dirname, "small-cluster.app.ts"));
  } finally {
    delete process.env["CONTAINER_REGISTRY"];
  }
}

/** Runs a script as root on a machine, whichever host key it shows just then. */
function on(machine: string, script: string): { readonly status: number | null; readonly output: string } {
  const address = status()?.machines.find(({ name, state }) => name === machine && state === "running")?.public;
  const target = `${DEBIAN_12.user}@${address ?? `${machine}-does-not-run`}`;
  const ssh = ["ssh", "-i", cluster.sshKeyPath, ...sshOptions(10), target, "sudo bash -s"];
  const ended = capture(operatorCommand(ssh), { input: script, timeoutSeconds: 300 });
  return { status: ended.status, output: `${ended.stdout}${ended.stderr}`.trim() };
}
function ask(machine: string, script: string): string {
  const said = on(machine, script);
  if (said.status !== 0) throw new Error(`${machine}: ${script}: ${said.output}`);
  return said.output;
}
const kubectl = (...args: string[]): string => capture(cluster.kubectlCommand(artifacts.kubectl, args)).stdout;

const logOf = (stage: StageName): string => `/var/log/kubernetes-bootstrap/${stage}.log`;

// Looks a thousand times a second and knows the process beforehand, since some steps last a hundredth of a second. The log
// goes first: it is the last run's.
const KILLER = `
import os, re, signal, sys, time
log, program, step = sys.argv[1], sys.argv[2].replace(" ", "\\0").encode() + b"\\0", sys.argv[3]
begins = re.compile(rf"^\\S+  {step}$", re.M)
def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
process, end = None, time.monotonic() + 240
while time.monotonic() < end:
    if process is None:
        found = [name for name in os.listdir("/proc") if name.isdigit() and read(f"/proc/{name}/cmdline") == program]
        process = min(map(int, found), default=None)
    elif begins.search(read(log).decode(errors="replace")):
        os.killpg(os.getpgid(process), signal.SIGKILL)
        break
    time.sleep(0.001)
`;

/** From now on waits on the machine for the stage to begin with a step, and kills its process group then. */
function killAt(machine: string, stage: StageName, step: string): void {
  ask(
    machine,
    `rm -f ${logOf(stage)}
cat >/run/killer.py <<'END'\n${KILLER}END
systemctl stop 'killer-*'
systemd-run --quiet --collect --unit=killer-${stage}-${step} \\
  python3 /run/killer.py ${logOf(stage)} 'bash kubernetes-bootstrap/${stage}/${stage}/run.sh' ${step}`,
  );
}

/** The steps that the last run has begun, and its end where it came to that. */
const begun = (machine: string, stage: StageName): string[] =>
  ask(machine, `cat ${logOf(stage)}`)
    .split("\n")
    .flatMap((line) => /\d\d:\d\d:\d\d {2}(\S+|\S+ on \S+ is done)$/.exec(line)?.[1] ?? []);

beforeAll(async () => {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab(undefined, ["ecr-credential-provider"]);
  const stack = synthesised();
  resources = Object.keys(stack.resource["null_resource"]!).map((name) => {
    const [, stage = "", machine = ""] = /stage-([a-z-]+)_([a-z]+-\d+)_/.exec(name) ?? [];
    return { address: `null_resource.${name}`, stage, machine };
  });
  expect([...new Set(resources.map(({ stage }) => stage))].sort()).toEqual([...stages].sort());
  terraform = cluster.terraform(artifacts);
  await terraform.init();
  const others = Object.entries(stack.resource).filter(([type]) => type !== "null_resource");
  await applied(...others.flatMap(([type, named]) => Object.keys(named).map((name) => `-target=${type}.${name}`)));
  writeFileSync(cluster.sshKeyPath, String(await terraform.output("ssh_private_key")), { mode: 0o600 });
  for (const machine of new Set(resources.map((resource) => resource.machine)))
    await eventually(
      `SSH of ${machine}`,
      () => on(machine, "true").status,
      (status) => status === 0,
      120,
    );
}, minutes(45));

afterAll(endOwnLab, minutes(2));

test.each(stages)(
  "%s, killed at each of its steps where it has never run, fails the apply each time, and the next apply ends well (FT-50)",
  async (stage) => {
    const machine = machineOf(stage);
    for (const [index, step] of steps(stage).entries()) {
      killAt(machine, stage, step);
      await expect(applied("-refresh=false", ...of(stage))).rejects.toThrow(TerraformError);

      // One that has nothing to do there may be over before it dies.
      expect(begun(machine, stage).slice(0, index + 1)).toEqual(steps(stage).slice(0, index + 1));
      expect(begun(machine, stage)).not.toContain(`${stage} on ${machine} is done`);
    }
    await applied("-refresh=false", ...of(stage));

    expect(begun(machine, stage)).toEqual([...steps(stage), `${stage} on ${machine} is done`]);
  },
  minutes(10),
);

const services: Readonly<Record<string, readonly string[]>> = {
  "controller-0": ["ssh", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "nginx", "vxlan"],
  "worker-0": ["ssh", "containerd", "kubelet", "kube-proxy", "vxlan"],
};

/** What runs since when, what was half written, and which keys still lie where they were uploaded. */
const health = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(services).map(([machine, names]) => [
      machine,
      ask(
        machine,
        `systemctl show --property=Id,ActiveState,ActiveEnterTimestampMonotonic ${names.join(" ")}
        find / -xdev -name '*.unfinished' 2>/dev/null
        find /home -path '*/kubernetes-bootstrap/*/files/*'`,
      ),
    ]),
  );

function expectHealth(): void {
  const [nodes, dns] = [
    kubectl("get", "nodes", "--no-headers").split("\n").map((line) => line.split(/ +/).slice(0, 2)), // prettier-ignore
    ["dig", "+short", "+time=2", "+tries=5", "@10.79.0.10", "kubernetes.default.svc.cluster.local"],
  ];
  expect(nodes.slice(0, 2)).toEqual([["worker-0", "Ready"], ["worker-1", "Ready"]]); // prettier-ignore
  expect(capture(machineCommand("worker-0", dns)).stdout.trim()).toBe("10.79.0.1");
}

test(
  "the cluster is whole then: every node Ready, DNS answers, nothing is half written, no key left, nothing to change (FT-50, FT-53)",
  async () => {
    await applied();
    await cluster.saveAccess(terraform, artifacts);

    expectHealth();
    expect((await terraform.plan()).changes).toBe(false);
    for (const [machine, said] of Object.entries(health()))
      for (const line of said.split("\n"))
        expect(`${machine} ${line}`).toMatch(/ (Id=.*|ActiveState=active|ActiveEnterTimestampMonotonic=\d+|)$/);
  },
  minutes(5),
);

test(
  "on machines that are well, every stage can be killed at each of its steps and run again without a service noticing (FT-50)",
  () => {
    const before = health();
    const killed = new Set<StageName>();
    const [seen, expected]: Record<string, readonly string[]>[] = [{}, {}];
    for (const stage of stages) {
      const machine = machineOf(stage);
      const run = `cd ~${DEBIAN_12.user} && bash kubernetes-bootstrap/${stage}/${stage}/run.sh`;
      for (const [index, step] of steps(stage).entries()) {
        killAt(machine, stage, step);
        if (on(machine, run).status !== 0) killed.add(stage);
        seen![`${stage} until ${step}`] = begun(machine, stage).slice(0, index + 1);
        expected![`${stage} until ${step}`] = steps(stage).slice(0, index + 1);
      }
      // A last step without anything to do ends before it is killed: what waits for it would kill the next run.
      on(machine, "systemctl stop 'killer-*'");
      ask(machine, run);
      seen![stage] = begun(machine, stage);
      expected![stage] = [...steps(stage), `${stage} on ${machine} is done`];
    }

    expect(seen).toEqual(expected);
    // A single step may be too short; of several at least one is killed.
    expect(stages.filter((stage) => steps(stage).length > 1 && !killed.has(stage))).toEqual([]);
    expect(health()).toEqual(before);
    expectHealth();
  },
  minutes(8),
);
