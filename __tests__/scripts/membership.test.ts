import { type Outcome, ScratchMachine } from "./support/machine";
import { type Mirror, startMirror } from "./support/mirror";
import { prepare } from "./support/stages";

// A new machine among members of etcd: what the one beside it, controller-1, says of the cluster.
jest.setTimeout(180_000);

const PEERS = { ETCD_INITIAL_CLUSTER: "controller-0=https://10.240.0.10:2380,controller-1=https://10.240.0.11:2380" };
const member = (host: string, name: string, started: boolean): string =>
  `{"id":1,"peerURLs":["https://${host}:2380"],"name":"${name}"${started ? `,"clientURLs":["https://${host}:2379"]` : ""}}`;

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

function startBeside(...members: string[]): Promise<Outcome> {
  prepare(machine, "etcd", mirror, PEERS);
  if (members.length > 0) machine.write("commands/state/peer-members", `[${members.join(",")}]`);
  return machine.run("etcd");
}

test("starts beside members that nobody has started yet", async () => {
  const { status } = await startBeside(
    member("10.240.0.10", "controller-0", false),
    member("10.240.0.11", "controller-1", false),
  );

  expect(status).toBe(0);
});

test("starts where nobody answers yet, as the first one does", async () => {
  expect((await startBeside()).status).toBe(0);
});

test("fails beside a cluster that does not know it, before it founds a second one (LD-15)", async () => {
  const { status, errors } = await startBeside(member("10.240.0.11", "controller-1", true));

  expect(status).toBe(1);
  expect(errors).toEqual([
    "error: etcd on controller-0: etcd on controller-1 is a cluster without this machine: ETCD_INITIAL_CLUSTER in node.env; a control plane keeps its count of machines, see docs/stages.md",
  ]);
  expect(machine.calls().filter((call) => /systemctl (start|restart|enable)/.test(call))).toEqual([]);
});

test("fails where the cluster has started it before, and its data is gone (LD-15)", async () => {
  const { status, errors } = await startBeside(
    member("10.240.0.11", "controller-1", true),
    member("10.240.0.10", "controller-0", true),
  );

  expect(status).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(
      /^error: etcd on controller-0: etcd on controller-1 knows this machine as a member, but its data is gone: .*\/var\/lib\/etcd; restore it or rebuild the control plane, see docs\/stages\.md$/,
    ),
  ]);
});

test("a member with its data asks nobody", async () => {
  machine.write("var/lib/etcd/member/wal", "");

  expect((await startBeside(member("10.240.0.11", "controller-1", true))).status).toBe(0);
});
