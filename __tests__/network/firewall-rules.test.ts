import { FIREWALL_RULES, OPEN_FIREWALL_RULES, type FirewallRule } from "../../constructs/network/firewall-rules";

const line = ({ from, to, protocol, port }: FirewallRule): string => {
  const ports = port === undefined ? "" : typeof port === "number" ? ` ${port}` : ` ${port.from}-${port.to}`;
  return `${from} to ${to}: ${protocol}${ports}`;
};
const BOTH = [
  ["default", FIREWALL_RULES],
  ["open", OPEN_FIREWALL_RULES],
] as const;

test("by default nodes reach each other at single ports, and pods everything (FT-08, F-06)", () => {
  expect(FIREWALL_RULES.map(line)).toEqual([
    "admin to control-plane: tcp 22",
    "admin to worker: tcp 22",
    "admin to control-plane: icmp",
    "admin to worker: icmp",
    "admin to api: tcp 6443",
    "api to control-plane: tcp 6443",
    "control-plane to control-plane: tcp 2379-2380",
    "worker to control-plane: tcp 6443",
    "pods to control-plane: all",
    "pods to worker: all",
    "control-plane to worker: all",
    "worker to worker: all",
  ]);
});

test("the open set lets everything from the network and from pods through (FT-08, F-06)", () => {
  expect(OPEN_FIREWALL_RULES.map(line)).toEqual([
    "admin to control-plane: tcp 22",
    "admin to worker: tcp 22",
    "admin to control-plane: icmp",
    "admin to worker: icmp",
    "admin to api: tcp 6443",
    "api to control-plane: tcp 6443",
    "network to control-plane: all",
    "network to worker: all",
    "pods to control-plane: all",
    "pods to worker: all",
  ]);
});

test.each(BOTH)("in the %s set admins get SSH, ping and the API, and nothing else (FT-09)", (_, rules) => {
  const admin = rules.filter((rule) => rule.from === "admin").map((rule) => line(rule).replace(/.*: /, ""));

  expect([...new Set(admin)].sort()).toEqual(["icmp", "tcp 22", "tcp 6443"]);
});

test.each(BOTH)("in the %s set workers reach the API without being admins (FT-09, F-13)", (_, rules) => {
  const api = rules.filter(({ from, to }) => ["worker", "network"].includes(from) && to === "control-plane").map(line);

  expect(api).toEqual([_ === "default" ? "worker to control-plane: tcp 6443" : "network to control-plane: all"]);
});

test.each(BOTH)("in the %s set no two rules have one id", (_, rules) => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

test.each([...FIREWALL_RULES, ...OPEN_FIREWALL_RULES])("$id says why in words that AWS takes", ({ why }) => {
  // Source: EC2 API reference, IpRange.Description (2026-08): up to 255 of these characters.
  expect(why).toMatch(/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/);
});

test.each([...FIREWALL_RULES, ...OPEN_FIREWALL_RULES])("$id has a port exactly when its protocol has ports", (rule) => {
  expect(rule.port !== undefined).toBe(rule.protocol === "tcp" || rule.protocol === "udp");
});
