import { ScratchMachine, type Variables } from "./support/machine";
import { type Mirror, releases, startMirror } from "./support/mirror";
import { prepare, type StageName } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

// What the stages control-plane-programs and worker-programs fetch ahead of the stages that install it.
const AHEAD = "/var/lib/kubernetes-bootstrap/ahead";

let mirror: Mirror;
let machine: ScratchMachine;
beforeAll(async () => {
  mirror = await startMirror();
});
afterAll(() => mirror.stop());
beforeEach(() => {
  machine = new ScratchMachine();
});
afterEach(() => machine.remove());

const run = async (stage: StageName, changes: Variables = {}, on = machine): Promise<void> => {
  prepare(on, stage, mirror, changes);
  expect(await on.run(stage)).toMatchObject({ status: 0, errors: [] });
};

/** What a run asks the mirror for. */
async function asked(work: () => Promise<void>): Promise<string[]> {
  const before = mirror.requests.length;
  await work();
  return mirror.requests.slice(before);
}

const ahead = (): string[] => machine.tree().filter((row) => row.includes(AHEAD));
const installed = (of: ScratchMachine): string[] =>
  of
    .tree()
    .filter((row) => /\/usr\/local\/bin\/|\/opt\/cni\/bin\/|\.sums$/.test(row) && !row.includes(AHEAD))
    .map((row) => `${row} ${of.read(row.slice(5)).replaceAll(of.root, "")}`);

test.each<[StageName, StageName]>([
  ["control-plane-programs", "control-plane"],
  ["worker-programs", "worker"],
])(
  "what %s has fetched, %s installs without asking for it again, as if it had fetched it (FT-33, FT-42)",
  async (programs, stage) => {
    const alone = new ScratchMachine();
    try {
      const fetched = await asked(() => run(stage, {}, alone));
      expect(await asked(() => run(programs))).toEqual(fetched);

      expect(await asked(() => run(stage))).toEqual([]);
      expect(installed(machine)).toEqual(installed(alone));
      expect(ahead()).toEqual([`0700 ${AHEAD}/`]);
    } finally {
      alone.remove();
    }
  },
);

test("programs that are installed are not fetched again (FT-50)", async () => {
  await run("worker");

  expect(await asked(() => run("worker-programs"))).toEqual([]);
  expect(ahead()).toEqual([]);
});

test("a program that is in use stays, and runs, until its own stage takes the new one (FT-33, FT-50)", async () => {
  await run("control-plane");
  machine.calls();
  const before = installed(machine);
  const other = releases.kubernetes("kube-proxy");
  const changes = { KUBECTL_URL: mirror.url(other), KUBECTL_SHA256: mirror.sum(other) };

  expect(await asked(() => run("control-plane-programs", changes))).toEqual([other]);

  expect(installed(machine)).toEqual(before);
  expect(machine.calls().filter((call) => call.startsWith("systemctl"))).toEqual([]);
  expect(ahead()).toEqual([`0700 ${AHEAD}/`, `0700 ${AHEAD}/kubectl`, `0644 ${AHEAD}/kubectl.sums`]);
});

test("a program that nobody took is thrown away for another, and for one that is installed (FT-50)", async () => {
  await run("control-plane");
  const other = releases.kubernetes("kube-proxy");
  await run("control-plane-programs", { KUBECTL_URL: mirror.url(other), KUBECTL_SHA256: mirror.sum(other) });

  expect(await asked(() => run("control-plane-programs"))).toEqual([]);
  expect(ahead()).toEqual([`0700 ${AHEAD}/`]);
});

test.each(["kubelet", "containerd/ctr"])(
  "what lies ahead and is no longer what was verified, %s, is not installed (FT-33)",
  async (path) => {
    await run("worker-programs");
    machine.write(`${AHEAD}/${path}`, "#!/bin/sh\necho Kubernetes v1.36.3\n", 0o700);

    const fetched = await asked(() => run("worker"));

    expect(fetched).toEqual([path === "kubelet" ? releases.kubernetes("kubelet") : releases.containerd]);
    expect(machine.read(`usr/local/bin/${path.replace(/^.*\//, "")}`)).not.toMatch(/^#!\/bin\/sh\necho Kube/);
    expect(ahead()).toEqual([`0700 ${AHEAD}/`]);
  },
);

test.each<[string, StageName, Variables]>([
  ["a program", "control-plane-programs", { KUBE_SCHEDULER_SHA256: "0".repeat(64) }],
  ["an archive", "worker-programs", { CONTAINERD_SHA256: "0".repeat(64) }],
])("a wrong sum of %s ends %s before anything is touched (FT-33, FT-42)", async (_, stage, changes) => {
  prepare(machine, stage, mirror, changes);

  const { status, errors } = await machine.run(stage);

  expect(status).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(
      new RegExp(
        `^error: ${stage} on \\S+: wrong checksum for \\S+: expected 0{64}, got [0-9a-f]{64}; nothing was installed, `,
      ),
    ),
  ]);
  expect(ahead().filter((row) => /kube-scheduler|containerd.*[^/]$|unfinished/.test(row))).toEqual([]);
  expect(installed(machine)).toEqual([]);
});
