import { TerraformVariable } from "cdktf";
import { FIREWALL_RULES, OPEN_FIREWALL_RULES, type FirewallRule } from "../../constructs/network/firewall-rules";
import { SecurityGroups } from "../../constructs/network/security-groups";
import { all, at, dependencies, named, only, waitFor, type Block } from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const groups = (rules: readonly FirewallRule[] = FIREWALL_RULES, admin = ["198.51.100.0/24"]): Synthesised =>
  synth(
    (stack) =>
      void new SecurityGroups(stack, "groups", {
        vpcId: "vpc-0a",
        clusterName: "blue",
        rules,
        cidrs: { admin, pods: "10.200.0.0/16", network: "10.240.0.0/24" },
      }),
  );
const ingress = (stack: Synthesised, id: string): Block =>
  at(stack, "aws_vpc_security_group_ingress_rule", `groups_${id}`);
/** The group that a reference such as `${aws_security_group.groups_worker_ABCDEF01.id}` is to. */
const role = (reference: unknown): string =>
  /^\$\{aws_security_group\.groups_([a-z-]+)_[0-9A-F]{8}\.id\}$/.exec(reference as string)?.[1] ?? "none";

test("each role has a group of its own in the VPC (FT-08)", () => {
  const found = Object.entries(named(groups(), "aws_security_group")).map(([name, { vpc_id }]) => [
    name,
    vpc_id as string,
  ]);

  expect(found).toEqual([
    ["groups_api", "vpc-0a"],
    ["groups_control-plane", "vpc-0a"],
    ["groups_worker", "vpc-0a"],
  ]);
});

test("a group is replaced before it is removed, under a name that AWS makes unique", () => {
  const found = all(groups(), "aws_security_group").map(({ name_prefix, name, lifecycle }): unknown => [
    name,
    name_prefix,
    lifecycle,
  ]);

  expect(found).toEqual([
    [undefined, "blue-api-", { create_before_destroy: true }],
    [undefined, "blue-control-plane-", { create_before_destroy: true }],
    [undefined, "blue-worker-", { create_before_destroy: true }],
  ]);
});

test("the rules stand beside the groups, not in them (FT-08)", () => {
  const inline = all(groups(), "aws_security_group").filter((group) => "ingress" in group || "egress" in group);

  expect(inline).toEqual([]);
});

test("a row between groups becomes a rule from group to group (FT-08)", () => {
  const rule = ingress(groups(), "etcd");

  expect([role(rule.security_group_id), role(rule.referenced_security_group_id)]).toEqual([
    "control-plane",
    "control-plane",
  ]);
  expect(rule).toMatchObject({ ip_protocol: "tcp", from_port: 2379, to_port: 2380 });
});

test("a row for one port opens that port alone (FT-08)", () => {
  expect(ingress(groups(), "worker-api")).toMatchObject({ ip_protocol: "tcp", from_port: 6443, to_port: 6443 });
});

test("pods may send everything to workers, so DNS answers (FT-08, F-06)", () => {
  const rule = ingress(groups(), "pods-worker");

  expect(role(rule.security_group_id)).toBe("worker");
  expect(rule).toMatchObject({ cidr_ipv4: "10.200.0.0/16", ip_protocol: "-1" });
  expect(rule).not.toHaveProperty("from_port");
});

test("pods may send everything to the control plane (FT-08, F-06)", () => {
  expect(ingress(groups(), "pods-control-plane")).toMatchObject({ cidr_ipv4: "10.200.0.0/16", ip_protocol: "-1" });
});

test.each([
  ["network-worker", "10.240.0.0/24"],
  ["network-control-plane", "10.240.0.0/24"],
  ["pods-worker", "10.200.0.0/16"],
  ["pods-control-plane", "10.200.0.0/16"],
])("the open set lets everything through by %s from %s (FT-08, F-06)", (id, cidr) => {
  expect(ingress(groups(OPEN_FIREWALL_RULES), id)).toMatchObject({ cidr_ipv4: cidr, ip_protocol: "-1" });
});

test.each([
  ["admin-ssh-control-plane", "control-plane", 22],
  ["admin-ssh-worker", "worker", 22],
  ["admin-api", "api", 6443],
])("%s opens the %s to each admin block at port %i (FT-09)", (id, to, port) => {
  const rule = ingress(groups(FIREWALL_RULES, ["198.51.100.0/24", "203.0.113.7/32"]), id);

  expect(rule).toMatchObject({
    for_each: '${toset(["198.51.100.0/24", "203.0.113.7/32"])}',
    cidr_ipv4: "${each.value}",
    from_port: port,
    to_port: port,
  });
  expect(role(rule.security_group_id)).toBe(to);
});

test("ping is every type and code of ICMP (FT-09)", () => {
  expect(ingress(groups(), "admin-ping-worker")).toMatchObject({ ip_protocol: "icmp", from_port: -1, to_port: -1 });
});

test("other admin blocks change the sources of SSH, ping and the API, and no other rule (FT-09, F-13)", () => {
  const before = named(groups(), "aws_vpc_security_group_ingress_rule");
  const after = named(groups(FIREWALL_RULES, ["203.0.113.7/32"]), "aws_vpc_security_group_ingress_rule");
  const changed = Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));

  expect(changed).toEqual([
    "groups_admin-api",
    "groups_admin-ping-control-plane",
    "groups_admin-ping-worker",
    "groups_admin-ssh-control-plane",
    "groups_admin-ssh-worker",
  ]);
});

test("admin blocks may be a list that only Terraform knows (FT-09)", () => {
  const stack = synth((scope) => {
    const admin = new TerraformVariable(scope, "admin_cidrs", { type: "list(string)" }).listValue;
    new SecurityGroups(scope, "groups", {
      vpcId: "vpc-0a",
      clusterName: "blue",
      rules: FIREWALL_RULES,
      cidrs: { admin, pods: "10.200.0.0/16", network: "10.240.0.0/24" },
    });
  });

  expect(ingress(stack, "admin-api").for_each).toBe("${toset(var.admin_cidrs)}");
});

test("every group may send everything out", () => {
  const found = all(groups(), "aws_vpc_security_group_egress_rule").map((rule) => [
    role(rule.security_group_id),
    rule.cidr_ipv4 as string,
    rule.ip_protocol as string,
  ]);

  expect(found).toEqual([
    ["api", "0.0.0.0/0", "-1"],
    ["control-plane", "0.0.0.0/0", "-1"],
    ["worker", "0.0.0.0/0", "-1"],
  ]);
});

test("no ingress rule is open to the whole internet", () => {
  const open = [FIREWALL_RULES, OPEN_FIREWALL_RULES].flatMap((rules) =>
    all(groups(rules), "aws_vpc_security_group_ingress_rule").filter((rule) => rule.cidr_ipv4 === "0.0.0.0/0"),
  );

  expect(open).toEqual([]);
});

test("the reason of a row is the rule's description in AWS", () => {
  expect(ingress(groups(), "etcd").description).toBe("API servers to etcd, and etcd among its members");
});

test("the groups are ready when every rule is there", () => {
  const stack = synth((scope) =>
    waitFor(
      scope,
      new SecurityGroups(scope, "groups", {
        vpcId: "vpc-0a",
        clusterName: "blue",
        rules: FIREWALL_RULES,
        cidrs: { admin: ["198.51.100.0/24"], pods: "10.200.0.0/16", network: "10.240.0.0/24" },
      }).ready,
    ),
  );

  expect(dependencies(only(stack, "null_resource"))).toHaveLength(15);
});
