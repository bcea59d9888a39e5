import { ScratchMachine, type Variables } from "./support/machine";
import { type Mirror, startMirror } from "./support/mirror";
import { prepare } from "./support/stages";

jest.setTimeout(180_000);

let mirror: Mirror;
const machines: ScratchMachine[] = [];
beforeAll(async () => void (mirror = await startMirror()));
afterAll(async () => {
  for (const machine of machines) machine.remove();
  await mirror.stop();
});

/** What kubectl is told to change, when the nodes have, were given and shall have this. */
async function changes(now: string, given: string, wanted: string, extra: Variables = {}) {
  const machine = new ScratchMachine();
  machines.push(machine);
  prepare(machine, "nodes", mirror, { NODES: wanted });
  const outcome = await machine.run("nodes", { NODES_NOW: now, NODES_GIVEN: given, ...extra });
  const told = machine
    .calls()
    .map((call) => call.replace(/^kubectl --kubeconfig=\S+ --request-timeout=10s /, ""))
    .filter((call) => /^(label|taint) /.test(call));
  return { outcome, told, machine };
}

test("gives what a node lacks, and what it has another value of (FT-73)", async () => {
  const { outcome, told } = await changes(
    "gpu-0;kubernetes.io/os=linux,tier=web,;busy:NoSchedule,\nweb-0;;",
    "",
    "gpu-0;tier=ml,zone=a;dedicated=gpu:NoSchedule,busy:NoSchedule web-0;tier=web;",
  );

  expect(outcome).toMatchObject({ status: 0, errors: [] });
  expect(told).toEqual([
    "label node gpu-0 --overwrite tier=ml zone=a",
    "taint node gpu-0 --overwrite dedicated=gpu:NoSchedule",
    "label node web-0 --overwrite tier=web",
  ]);
});

test("takes away what it gave and a pool has no longer, and nothing that is somebody else's (FT-73)", async () => {
  const { told } = await changes(
    "gpu-0;kubernetes.io/os=linux,tier=ml,own=1,;node.kubernetes.io/not-ready:NoSchedule,dedicated=gpu:NoSchedule,dedicated=gpu:NoExecute,",
    "gpu-0;tier=ml,gone=x;dedicated=gpu:NoSchedule,dedicated=gpu:NoExecute",
    "gpu-0;;dedicated=gpu:NoExecute",
  );

  expect(told).toEqual(["label node gpu-0 --overwrite tier-", "taint node gpu-0 --overwrite dedicated:NoSchedule-"]);
});

test("leaves alone what is right, and tells nothing when it is (FT-50)", async () => {
  const wanted = "gpu-0;tier=ml;dedicated=gpu:NoSchedule";
  const { told, machine } = await changes("gpu-0;tier=ml,a=b,;dedicated=gpu:NoSchedule,", wanted, wanted);

  expect(told).toEqual([]);
  expect(() => machine.read("commands/applied")).toThrow();
});

test("remembers in the cluster what it gave (FT-73)", async () => {
  const { machine } = await changes("gpu-0;tier=ml,;", "", "gpu-0;tier=ml;");

  expect(machine.read("commands/applied")).toContain(
    '  name: kubernetes-bootstrap-nodes\n  namespace: kube-system\ndata:\n  nodes: "gpu-0;tier=ml;"',
  );
});

test("fails for a node that is not registered, by its name (FT-51)", async () => {
  const { outcome } = await changes("gpu-0;;", "", "gpu-0;; gpu-1;tier=ml;");

  expect(outcome.status).toBe(1);
  expect(outcome.errors).toEqual([
    expect.stringMatching(/^error: nodes on controller-0: node gpu-1 is not registered: .*; run terraform apply again/),
  ]);
});
