import { join } from "node:path";
import { RELEASES } from "../../constructs";
import { agnhost } from "../../lab/artifacts/versions";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import { explain } from "../../lab/terraform/explain";
import { TerraformError, type Terraform } from "../../lab/terraform/terraform";
import { projectFolder, type StackJson } from "../../lab/terraform/workspace";
import { complaints } from "../lab/complaints";
import { operator } from "../lab/operator";
import { startOwnLab, testsFolder } from "../lab/own-lab";
import { expected, runningOn, UNITS } from "../lab/versions";

export { expected };

// One controller and one worker, of any release, and the firewall as the library has it or open inside of the network.
const cluster = new Cluster("releases", testsFolder);
export const minutes = (count: number): number => count * 60_000;

type Firewall = "default" | "open";

let artifacts: Artifacts;
let terraform: Terraform;
let stack: StackJson;
let firewall: Firewall;

export const on = (machine: string, command: string, timeoutSeconds = 120): string => {
  const { status, stdout, stderr } = capture(cluster.sshCommand(machine, [command]), { timeoutSeconds });
  if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
  return stdout.trim();
};
/** With the controller's own kubectl, which is of its version. */
export const kubectl = (args: string): string => on("controller-0", `kubectl ${args}`, 240);

/** Lays down what the next apply makes of the cluster. */
export function become(controlPlane: string, worker = controlPlane): void {
  const told = { CONTROL_PLANE_VERSION: controlPlane, WORKER_VERSION: worker, FIREWALL: firewall };
  Object.assign(process.env, told);
  try {
    stack = cluster.synthesise(join(__dirname, "releases.app.ts"));
  } finally {
    for (const name of Object.keys(told)) delete process.env[name];
  }
}

/** Applies what become laid down; an error is told as npm start tells it. */
export async function apply(...options: string[]): Promise<void> {
  await terraform
    .apply(() => undefined, ...options)
    .catch((error: unknown) => {
      throw error instanceof TerraformError ? new Error(explain(error, stack)) : error;
    });
  await cluster.saveAccess(terraform, artifacts);
}

/** Starts a lab that serves every release, with Terraform ready to apply. */
export async function startCluster(firewallRules: Firewall): Promise<void> {
  firewall = firewallRules;
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab(RELEASES.map(({ kubernetes }) => kubernetes));
  become(RELEASES[0]!.kubernetes);
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}

/** What runs on the two machines. */
export const running = (): Record<string, string> => runningOn("controller-0", "worker-0", on);

export const isReady = (version: string): void =>
  expect(kubectl("get nodes --no-headers")).toMatch(new RegExp(`^worker-0 +Ready +<none> +\\S+ +v${version}$`));

/** Asks the cluster for everything that a release could have broken. */
export function isWell(controlPlane: string, worker = controlPlane): void {
  test("is of these versions, every service of it (FT-33, FT-42, F-08)", () => {
    expect(running()).toEqual(expected(controlPlane, worker));
    isReady(worker);
  });

  test(
    "answers for names, and passes the smoke test (FT-56, FT-58)",
    () => {
      const archive = capture(["tar", "-C", projectFolder, "-cf", "-", "scripts/verify"]).stdout;
      expect(capture(cluster.sshCommand("controller-0", ["tar", "-xf", "-"]), { input: archive }).status).toBe(0);
      kubectl("rollout status deployment/coredns -n kube-system --timeout=120s");
      const said = on("controller-0", "sudo bash scripts/verify/dns.sh && sudo bash scripts/verify/smoke.sh", 240);

      expect(said.split("\n").filter((line) => line.startsWith("FAILED"))).toEqual([]);
      expect(said).toMatch(/^ok {6}NodePort/m);
    },
    minutes(5),
  );

  test("mounts what a ConfigMap and a Secret hold (F-01)", () => mounts(podOf(controlPlane, worker)), minutes(3));

  test("lets a node tell the state of its pods (F-02)", () => {
    const asked = "auth can-i patch pods --subresource=status -n kube-system";

    expect(on("worker-0", `sudo kubectl --kubeconfig=/var/lib/kubelet/kubeconfig ${asked}`)).toBe("yes");
  });

  test("has no component that complains of a flag, a field or a right (F-01, F-02, FT-34, FT-45)", () => {
    const of = (machine: string, units: readonly string[]): string[] =>
      complaints(units, (command) => on(machine, command));

    expect([...of("controller-0", UNITS.controller), ...of("worker-0", UNITS.worker)]).toEqual([]);
  });
}

/** The pod that isWell leaves behind. */
export const podOf = (controlPlane: string, worker = controlPlane): string => `mounts-${controlPlane}-${worker}`;

/** A pod that lives on the content of a ConfigMap and a Secret. */
function mounts(name: string): void {
  const volumes = [
    { name: "config", configMap: { name } },
    { name: "secret", secret: { secretName: name } },
  ];
  const image = `registry.k8s.io/e2e-test-images/agnhost:${agnhost}`;
  const container = {
    ...{ name: "reads", image, command: ["sleep", "100000"] },
    volumeMounts: volumes.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` })),
  };
  const spec = { terminationGracePeriodSeconds: 1, volumes, containers: [container] };
  kubectl(`create configmap ${name} --from-literal=key=from-the-config,`);
  kubectl(`create secret generic ${name} --from-literal=key=from-the-secret`);
  kubectl(`run ${name} --image=${image} --overrides='${JSON.stringify({ spec })}'`);
  kubectl(`wait pod/${name} --for=condition=Ready --timeout=120s`);

  expect(kubectl(`exec ${name} -- cat /config/key /secret/key`)).toBe("from-the-config,from-the-secret");
}

/** When the container of such a pod began to run, which is another time once it was started anew. */
export const startOf = (pod: string): string =>
  kubectl(`get pod ${pod} --output=jsonpath={.status.containerStatuses[0].state.running.startedAt}`);

/** Whether what no rule of the default table names gets to the controller: nothing listens there, and says so at once. */
export function reachesController(from: "a worker" | "outside"): boolean {
  const knock = (address: string): string => `timeout 5 bash -c "</dev/tcp/${address}/9999" 2>&1; echo ended with $?`;
  const said =
    from === "a worker"
      ? on("worker-0", knock("10.240.0.10"))
      : operator(["sh", "-c", knock(cluster.sshTarget("controller-0").replace(/.*@/, ""))]).output;
  if (said === "ended with 124") return false;
  if (/Connection refused\n.*ended with 1$/s.test(said)) return true;
  throw new Error(said);
}

export async function hasAnEmptyPlan(): Promise<void> {
  expect((await terraform.plan()).output).toContain("No changes.");
}

/** The address of the worker's stage. */
export function stageOfWorker(): string {
  const [name] = Object.entries(stack.resource["null_resource"]!).find(
    ([
      ,
      {
        "//": { metadata },
      },
    ]) => metadata.path.endsWith("/stage-worker/worker-0"),
  )!;
  return `null_resource.${name}`;
}

export async function isDestroyed(): Promise<void> {
  await terraform.destroy(() => undefined);

  expect(await terraform.state()).toEqual([]);
}
