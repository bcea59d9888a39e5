import { FIREWALL_RULES, VXLAN_FIREWALL_RULES, VXLAN_RULES } from "../../constructs/network/firewall-rules";
import { controllerBlock, vxlanPeers } from "../../constructs/network/pod-network";

test("controllers have addresses of the last /24, which no worker's number reaches (FT-54)", () => {
  expect([0, 1, 2].map((index) => controllerBlock("10.200.0.0/16", index))).toEqual([
    "10.200.255.1/32",
    "10.200.255.2/32",
    "10.200.255.3/32",
  ]);
  expect(controllerBlock("10.200.4.0/22", 0)).toBe("10.200.7.1/32");
});

test("peers are pairs of an address and the block behind it (FT-54)", () => {
  expect(
    vxlanPeers([
      { privateIp: "10.240.0.20", podCidr: "10.200.0.0/24" },
      { privateIp: "10.240.0.10", podCidr: "10.200.255.1/32" },
    ]),
  ).toBe("10.240.0.20=10.200.0.0/24 10.240.0.10=10.200.255.1/32");
});

test("with vxlan nodes have single ports towards each other, and pods' addresses none (FT-54)", () => {
  const rows = [...VXLAN_FIREWALL_RULES, ...VXLAN_RULES].filter(({ from }) => from !== "admin" && from !== "api");

  expect(rows.map(({ from, to, protocol, port }) => `${from} to ${to}: ${protocol} ${JSON.stringify(port)}`)).toEqual([
    'control-plane to control-plane: tcp {"from":2379,"to":2380}',
    "worker to control-plane: tcp 6443",
    "control-plane to worker: tcp 10250",
    "worker to worker: tcp 10250",
    'control-plane to worker: tcp {"from":30000,"to":32767}',
    'control-plane to worker: udp {"from":30000,"to":32767}',
    'worker to worker: tcp {"from":30000,"to":32767}',
    'worker to worker: udp {"from":30000,"to":32767}',
    "worker to worker: udp 8472",
    "worker to control-plane: udp 8472",
    "control-plane to worker: udp 8472",
  ]);
});

test("people and the load balancer have the same rules with vxlan as without (FT-09, FT-54)", () => {
  const outside = (rules: typeof FIREWALL_RULES): unknown =>
    rules.filter(({ from }) => ["admin", "api"].includes(from));

  expect(outside(VXLAN_FIREWALL_RULES)).toEqual(outside(FIREWALL_RULES));
});

test.each([...VXLAN_FIREWALL_RULES, ...VXLAN_RULES])("$id says why in words that AWS takes", ({ why }) => {
  expect(why).toMatch(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/);
});
