import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

// The program of the stage vxlan in the kernel of this machine: three network namespaces are three machines in one subnet.
// Each lives as long as a process in it, which ends with this one, however it ends.
const program = join(__dirname, "../../../scripts/vxlan/vxlan-device.sh");
const spaces = new Map<string | number, ChildProcess>();
const space = (name: string | number): string => String(spaces.get(name)!.pid);
const ip = (...args: string[]): void => void execFileSync("ip", args);
const inside = (name: string | number, ...command: string[]): { status: number | null; said: string } => {
  const enter = ["--net", "--mount", `--target=${space(name)}`];
  const done = spawnSync("nsenter", [...enter, ...command], { encoding: "utf8", timeout: 30_000 });
  return { status: done.status, said: `${done.stdout}${done.stderr}` };
};
const numbers = [0, 1, 2];
const all = numbers.map((number) => `10.240.0.2${number}=10.200.${number}.0/24`);

function makeDevice(number: number, peers: readonly string[]): { status: number | null; said: string } {
  const values = [`NODE_IP=10.240.0.2${number}`, `POD_CIDR=10.200.${number}.0/24`, `VXLAN_PEERS=${peers.join(" ")}`];
  return inside(number, "env", ...values, "bash", program);
}
/** From a pod's address to a pod's address, with a packet of that many bytes, which may not be cut into smaller ones. */
const pings = (from: number, to: number, bytes = 84): boolean =>
  inside(from, "ping", "-c1", "-W2", "-Mdo", `-s${bytes - 28}`, `-I10.200.${from}.1`, `10.200.${to}.1`).status === 0;
const state = (number: number): string =>
  ["ip -4 route", "ip -4 neighbour show nud permanent", "bridge fdb show dev vxlan0", "ip -4 address show dev vxlan0"]
    .map((command) => inside(number, ...command.split(" ")).said)
    .join("");

async function makeSpace(name: string | number): Promise<void> {
  // With its own /sys, where the devices of the network are listed.
  const waits = ["sh", "-c", "mount -t sysfs sysfs /sys && echo is there && exec sleep infinity"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "unshare", "--net", "--mount", ...waits], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  spaces.set(name, child);
  await Promise.race([
    once(child.stdout, "data"),
    once(child, "close").then(([code]) => Promise.reject(new Error(`no network namespace: code ${String(code)}`))),
  ]);
}

beforeAll(async () => {
  for (const name of ["switch", ...numbers]) await makeSpace(name);
  inside("switch", "ip", "link", "add", "switch", "up", "type", "bridge");
  for (const number of numbers) {
    ip("link", "add", `m${number}`, "netns", space("switch"), "type", "veth", "peer", "ens5", "netns", space(number));
    inside("switch", "ip", "link", "set", `m${number}`, "master", "switch", "mtu", "9001", "up");
    for (const command of [
      "ip link set lo up",
      "ip link set ens5 mtu 9001 up",
      `ip address add 10.240.0.2${number}/24 dev ens5`,
      // A pod's address, on a bridge without ports.
      "ip link add pods up type bridge",
      `ip address add 10.200.${number}.1/24 dev pods`,
    ]) {
      expect(inside(number, ...command.split(" "))).toEqual({ status: 0, said: "" });
    }
  }
  inside("switch", "ip", "link", "set", "switch", "mtu", "9001");
});
afterAll(() => spaces.forEach((child) => child.kill("SIGKILL")));

test("pods of every machine reach those of every other, without a route in the network (FT-54, S4-09)", () => {
  for (const number of numbers) expect(makeDevice(number, all)).toEqual({ status: 0, said: "" });

  for (const from of numbers) for (const to of numbers) expect([from, to, pings(from, to)]).toEqual([from, to, true]);
});

test("a packet of pods may be as large as the network's less 50 bytes, and no larger (FT-54)", () => {
  expect([pings(0, 2, 8951), pings(0, 2, 8952)]).toEqual([true, false]);
});

test("a second run changes nothing (FT-50, FT-54)", () => {
  const before = state(1);

  expect(makeDevice(1, all)).toEqual({ status: 0, said: "" });
  expect(state(1)).toBe(before);
});

test("without UDP 8472 between nodes pods of different nodes do not reach each other, and with it again they do (FT-54, F-28)", () => {
  const nft = (rules: string): unknown => inside("switch", "nft", rules);

  expect(nft("table bridge t { chain c { type filter hook forward priority 0; udp dport 8472 drop; }; }")).toEqual({
    status: 0,
    said: "",
  });
  expect(pings(0, 1)).toBe(false);
  expect(inside(0, "ping", "-c1", "-W2", "10.240.0.21").status).toBe(0);
  nft("delete table bridge t");
  expect(pings(0, 1)).toBe(true);
});

test("a machine that is gone leaves nothing, and one that comes back is reached (FT-54)", () => {
  expect(makeDevice(0, all.slice(0, 2))).toEqual({ status: 0, said: "" });
  expect(state(0)).not.toMatch(/10\.200\.2\.|10\.240\.0\.22/);
  expect([pings(0, 1), pings(0, 2)]).toEqual([true, false]);

  expect(makeDevice(0, all)).toEqual({ status: 0, said: "" });
  expect([pings(0, 1), pings(0, 2)]).toEqual([true, true]);
});

test("a device that was made otherwise is made anew", () => {
  inside(1, "ip", "link", "delete", "vxlan0");
  inside(1, "ip", "link", "add", "vxlan0", "type", "vxlan", "id", "7", "dstport", "4789");

  expect(makeDevice(1, all)).toEqual({ status: 0, said: "" });
  expect(pings(0, 1)).toBe(true);
});

test("says what is wrong on a machine that does not have its address", () => {
  const values = ["NODE_IP=10.240.0.99", "POD_CIDR=10.200.9.0/24", "VXLAN_PEERS="];

  expect(inside(0, "env", ...values, "bash", program)).toEqual({
    status: 1,
    said: "error: no interface has the address 10.240.0.99\n",
  });
});
