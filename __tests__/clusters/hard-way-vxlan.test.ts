import { OPEN_FIREWALL_RULES } from "../../constructs";
import { env, hardWay, stages } from "../support/hard-way";
import { named } from "../support/resources";

const two = { workers: { count: 2 } } as const;
const routed = hardWay(two);
const overlay = hardWay({ ...two, podNetwork: "vxlan" });

const udp8472 = (stack: typeof overlay): string[] =>
  Object.entries(named(stack, "aws_vpc_security_group_ingress_rule"))
    .filter(([, rule]) => rule["ip_protocol"] === "udp" && rule["from_port"] === 8472 && rule["to_port"] === 8472)
    .map(([name]) => name.replace("cluster_security-groups_", "").replace(/_[0-9A-F]{8}$/, ""))
    .sort();

test("with vxlan there is no route to a pod, and with routes no vxlan (FT-54, S4-09)", () => {
  const podRoutes = (stack: typeof overlay): string[] =>
    Object.keys(named(stack, "aws_route")).filter((name) => name.includes("pod-routes"));

  expect(podRoutes(routed)).toHaveLength(2);
  expect(podRoutes(overlay)).toEqual([]);
  expect(udp8472(routed)).toEqual([]);
  expect(Object.keys(stages(routed)).filter((name) => name.startsWith("vxlan"))).toEqual([]);
});

test.each([
  ["its own rules", undefined],
  ["the open ones", OPEN_FIREWALL_RULES],
  ["none", []],
])("beside %s there are rows for UDP 8472 between nodes (FT-54, S4-09)", (_, firewallRules) => {
  const stack = hardWay({ podNetwork: "vxlan", ...(firewallRules ? { firewallRules } : {}) });

  expect(udp8472(stack)).toEqual(["vxlan-control-plane-worker", "vxlan-worker-control-plane", "vxlan-worker-worker"]);
});

test("every machine knows every other, and itself (FT-54)", () => {
  const peers = "10.240.0.20=10.200.0.0/24 10.240.0.21=10.200.1.0/24 10.240.0.10=10.200.255.1/32";

  expect(
    Object.keys(stages(overlay))
      .filter((name) => name.startsWith("vxlan"))
      .sort(),
  ).toEqual(["vxlan/controller-0", "vxlan/worker-0", "vxlan/worker-1"]);
  expect(env(overlay, "vxlan/worker-1")).toEqual({
    NODE_NAME: "worker-1",
    NODE_IP: "10.240.0.21",
    POD_CIDR: "10.200.1.0/24",
    VXLAN_PEERS: peers,
  });
  expect(env(overlay, "vxlan/controller-0")).toEqual({
    NODE_NAME: "controller-0",
    NODE_IP: "10.240.0.10",
    POD_CIDR: "10.200.255.1/32",
    VXLAN_PEERS: peers,
  });
});

test("what the control plane and kubelets know of pods is the same either way (FT-54)", () => {
  for (const stage of ["control-plane/controller-0", "worker/worker-1"] as const) {
    expect(env(overlay, stage)).toEqual({ ...env(routed, stage), POD_NETWORK: "vxlan" });
  }
});

test("no node starts before every machine has its device (FT-49, FT-54)", () => {
  const before = stages(overlay)["worker/worker-0"]!["depends_on"] as string[];

  expect(before.filter((address) => address.includes("stage-vxlan")).map((address) => address.split("_")[3])).toEqual([
    "worker-0",
    "worker-1",
    "controller-0",
  ]);
});

test("another worker is told to every machine, and no node is made anew for it (FT-15, FT-54)", () => {
  const three = stages(hardWay({ workers: { count: 3 }, podNetwork: "vxlan" }));
  const changed = Object.entries(stages(overlay)).filter(
    ([name, block]) => JSON.stringify(block["triggers"]) !== JSON.stringify(three[name as "etcd/x"]?.["triggers"]),
  );

  expect(changed.map(([name]) => name).sort()).toEqual([
    "nodes/controller-0",
    "vxlan/controller-0",
    "vxlan/worker-0",
    "vxlan/worker-1",
  ]);
});
