import { rmSync } from "node:fs";
import { join } from "node:path";
import { dropIns } from "../../constructs/bootstrap/drop-ins";
import { ScratchMachine, type Variables } from "./support/machine";
import { type Mirror, releases, startMirror } from "./support/mirror";
import { environment, files, prepare, type StageName } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

let mirror: Mirror;
/** A machine that has been through a stage, and what it was given; each test changes one thing more. */
class Settled {
  readonly machine = new ScratchMachine();
  #variables: Variables;
  #uploads: Variables;

  constructor(readonly stage: StageName) {
    prepare(this.machine, stage, mirror);
    this.#variables = environment(stage, mirror);
    this.#uploads = files(stage);
  }

  /** Runs the stage with other values or files; gives the services that it started, and what it said. */
  async change(
    variables: Variables,
    uploads: Variables = {},
  ): Promise<{ started: string[]; said: string; status: number | null }> {
    this.#variables = { ...this.#variables, ...variables };
    this.#uploads = { ...this.#uploads, ...uploads };
    this.machine.upload(this.stage, this.#variables, this.#uploads);
    this.machine.calls();
    const { said, status } = await this.machine.run(this.stage);
    const started = this.machine
      .calls()
      .flatMap((call) => /^systemctl start --no-block (.*)\.service$/.exec(call)?.[1] ?? [])
      .sort();
    return { started, said, status };
  }
}

const settled = new Map<StageName, Settled>();
const on = (stage: StageName): Settled => settled.get(stage) as Settled;
beforeAll(async () => {
  mirror = await startMirror();
  for (const stage of ["etcd", "control-plane", "worker"] as const) {
    settled.set(stage, new Settled(stage));
    await on(stage).change({});
  }
});
afterAll(async () => {
  for (const { machine } of settled.values()) machine.remove();
  await mirror.stop();
});

test.each<[string, StageName, Variables, string[]]>([
  ["its certificate", "etcd", { "etcd.pem": "renewed\n" }, ["etcd"]],
  ["the API server's certificate", "control-plane", { "kube-apiserver.pem": "renewed\n" }, ["kube-apiserver"]],
  [
    "the key of service accounts",
    "control-plane",
    { "service-account-key.pem": "renewed\n" },
    ["kube-apiserver", "kube-controller-manager"],
  ],
  ["the scheduler's kubeconfig", "control-plane", { "kube-scheduler.kubeconfig": "renewed\n" }, ["kube-scheduler"]],
  ["the admin's kubeconfig", "control-plane", { "admin.kubeconfig": "renewed\n" }, []],
  ["the node's certificate", "worker", { "kubelet.pem": "renewed\n" }, ["kubelet"]],
  ["kube-proxy's kubeconfig", "worker", { "kube-proxy.kubeconfig": "renewed\n" }, ["kube-proxy"]],
])("a change of %s restarts what reads it, in %s (FT-25)", async (_, stage, uploads, restarted) => {
  const second = await on(stage).change({}, uploads);

  expect(second).toMatchObject({ status: 0, started: restarted });
});

test.each<[string, StageName, Variables, string[]]>([
  ["SERVICE_CIDR", "control-plane", { SERVICE_CIDR: "10.33.0.0/24" }, ["kube-apiserver", "kube-controller-manager"]],
  ["API_ADDRESS", "control-plane", { API_ADDRESS: "other.example" }, ["kube-apiserver"]],
  ["SSH_USER", "control-plane", { SSH_USER: "root" }, []],
  ["KUBE_PROXY_MODE", "worker", { KUBE_PROXY_MODE: "nftables" }, ["kube-proxy"]],
  ["CLUSTER_DNS", "worker", { CLUSTER_DNS: "10.33.0.10" }, ["kubelet"]],
  ["PAUSE_IMAGE", "worker", { PAUSE_IMAGE: "registry.k8s.io/pause:4" }, ["containerd"]],
  ["IMAGE_MIRROR", "worker", { IMAGE_MIRROR: "" }, []],
  ["ETCD_ARGUMENTS", "etcd", { ETCD_ARGUMENTS: "--max-txn-ops=256" }, ["etcd"]],
  ["KUBE_APISERVER_ARGUMENTS", "control-plane", { KUBE_APISERVER_ARGUMENTS: "--v=4" }, ["kube-apiserver"]],
  ["KUBE_SCHEDULER_ARGUMENTS", "control-plane", { KUBE_SCHEDULER_ARGUMENTS: "--v=4" }, ["kube-scheduler"]],
  ["KUBELET_ARGUMENTS", "worker", { KUBELET_ARGUMENTS: "--v=4" }, ["kubelet"]],
  ["KUBE_PROXY_ARGUMENTS", "worker", { KUBE_PROXY_ARGUMENTS: "--v=4" }, ["kube-proxy"]],
])("a change of %s restarts what reads it, in %s", async (_, stage, variables, restarted) => {
  const second = await on(stage).change(variables);

  expect(second).toMatchObject({ status: 0, started: restarted });
});

test("says what has changed", async () => {
  const { said } = await on("control-plane").change(
    { API_ADDRESS: "third.example" },
    { "kube-apiserver.pem": "renewed again\n" },
  );

  expect(said).toMatch(
    /restart kube-apiserver.service, for what has changed: \/var\/lib\/kubernetes\/kube-apiserver.pem API_ADDRESS\n/,
  );
});

test("another address for the same files downloads nothing", async () => {
  const asked = mirror.requests.length;
  const nowhere = Object.fromEntries(
    Object.keys(environment("worker", mirror))
      .filter((name) => name.endsWith("_URL"))
      .map((name) => [name, "http://127.0.0.1:1/nowhere"]),
  );

  expect(await on("worker").change(nowhere)).toMatchObject({ status: 0, started: [] });
  expect(mirror.requests).toHaveLength(asked);
});

test("a program that was replaced by hand is replaced back (FT-42)", async () => {
  const { machine } = on("worker");
  machine.write("usr/local/bin/runc", "#!/bin/sh\n", 0o755);
  const { said } = await on("worker").change(environment("worker", mirror));

  expect(said).toContain(`download ${mirror.url(releases.runc)}\n`);
  expect(machine.read("usr/local/bin/runc")).toContain("runc version 1.4.3");
});

test("a program of an archive that was removed comes back (FT-42)", async () => {
  const { machine } = on("worker");
  rmSync(join(machine.root, "opt/cni/bin/bridge"));
  await on("worker").change(environment("worker", mirror));

  expect(machine.tree()).toContain("0755 /opt/cni/bin/bridge");
});

// A change that was written by a run that then failed must not be forgotten by the next.
test("a run that failed before the restart leaves it to the next", async () => {
  const renewed = { "kube-proxy.kubeconfig": "renewed once more\n" };
  on("worker").machine.upload("worker", environment("worker", mirror), { ...files("worker"), ...renewed });
  const failing = await on("worker").machine.run("worker", { BROKEN_SYSTEMCTL: "stop kube-proxy.service" });
  const next = await on("worker").change({}, renewed);

  expect(failing.status).toBe(1);
  expect(next).toMatchObject({ status: 0, started: expect.arrayContaining(["kube-proxy"]) as string[] });
});

test("a service that stopped is started", async () => {
  rmSync(join(on("worker").machine.root, "commands/state/kubelet.service.running"));
  const { said } = await on("worker").change({});

  expect(said).toContain("start kubelet.service, which was not running\n");
});

// kubelet prefers the certificate it renewed by itself to that of its kubeconfig.
test("a kubeconfig from Terraform puts an end to what kubelet renewed from the last one (FT-25)", async () => {
  const renewed = "var/lib/kubelet/pki/kubelet-client-current.pem";
  const { machine } = on("worker");
  machine.write(renewed, "renewed by kubelet\n", 0o600);
  await on("worker").change({});
  expect(machine.tree()).toContain(`0600 /${renewed}`);

  await on("worker").change({}, { "kubelet.kubeconfig": "renewed by Terraform\n" });
  expect(machine.tree()).not.toContain(`0600 /${renewed}`);
});

test("other registries of ECR restart a kubelet that runs, which has read those before, and once (FT-89)", async () => {
  const stage = new Settled("image-credentials");
  settled.set("image-credentials", stage);
  const restart = "systemctl restart kubelet.service";
  const run = async (extra: Variables = {}): Promise<[number | null, string[]]> => {
    const { status } = await stage.machine.run("image-credentials", extra);
    return [status, stage.machine.calls().filter((call) => call.startsWith("systemctl restart"))];
  };

  expect(await run()).toEqual([0, []]);
  stage.machine.write("commands/state/kubelet.service.running", "");
  expect(await run()).toEqual([0, []]);
  stage.machine.write("var/lib/kubernetes-bootstrap/image-credentials.inputs", "the sum of others\n", 0o600);
  // A run that failed half-way leaves it to the next.
  expect(await run({ BROKEN_SYSTEMCTL: "restart kubelet.service" })).toEqual([1, [restart]]);
  expect(await run()).toEqual([0, [restart]]);
  expect(await run()).toEqual([0, []]);
});

test("nginx goes when the load balancer asks it no more, and is restarted for another authority (FT-38)", async () => {
  const nginx = (): string[] =>
    on("control-plane")
      .machine.tree()
      .filter((row) => row.includes("nginx"));

  expect(await on("control-plane").change({ HEALTH_PROXY: "nginx" })).toMatchObject({ status: 0, started: ["nginx"] });
  expect(nginx()).toHaveLength(3);
  const { started } = await on("control-plane").change({}, { "ca.pem": "another authority\n" });
  expect(started).toContain("nginx");

  expect(await on("control-plane").change({ HEALTH_PROXY: "" })).toMatchObject({ status: 0, started: [] });
  expect(nginx().filter((row) => !row.endsWith("/"))).toEqual([]);
  expect(await on("control-plane").change({})).toMatchObject({ status: 0, started: [] });
});

test("what a cluster sets for kubelet and containerd is a file of its own, restarts them, and goes with the setting", async () => {
  const { KUBELET_CONFIGURATION, CONTAINERD_CONFIGURATION } = dropIns({
    kubeletConfiguration: { maxPods: 60, systemReserved: { memory: "it's" } },
    containerdConfiguration: "version = 3\n[debug]\n  address = 'C:\\n'\n",
  });
  const { machine } = on("worker");
  const files = (): string[] => machine.tree().filter((row) => row.includes("10-cluster"));

  expect(await on("worker").change({ KUBELET_CONFIGURATION, CONTAINERD_CONFIGURATION })).toMatchObject({
    status: 0,
    started: ["containerd", "kubelet"],
  });
  expect(files()).toEqual([
    "0644 /etc/containerd/conf.d/10-cluster.toml",
    "0600 /etc/kubernetes/kubelet.conf.d/10-cluster.conf",
  ]);
  expect(JSON.parse(machine.read("etc/kubernetes/kubelet.conf.d/10-cluster.conf"))).toEqual({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    maxPods: 60,
    systemReserved: { memory: "it's" },
  });
  expect(machine.read("etc/containerd/conf.d/10-cluster.toml").trimEnd()).toBe(
    "version = 3\n[debug]\n  address = 'C:\\n'",
  );

  expect(await on("worker").change({ KUBELET_CONFIGURATION: "", CONTAINERD_CONFIGURATION: "" })).toMatchObject({
    status: 0,
    started: ["containerd", "kubelet"],
  });
  expect(files()).toEqual([]);
});

test("the registry mirror goes when its variable becomes empty", async () => {
  await on("worker").change({ IMAGE_MIRROR: "" });

  expect(on("worker").machine.tree()).not.toContain("0644 /etc/containerd/certs.d/_default/hosts.toml");
});
