import { OPEN_FIREWALL_RULES, type HardWayClusterProps, type HealthCheck } from "../../constructs";
import { env, hardWay } from "../support/hard-way";
import { named } from "../support/resources";
import type { Synthesised } from "../support/synth";

const MIRRORS = { downloads: "http://10.240.0.4", images: "http://10.240.0.4", packages: "http://10.240.0.4/debian" };
const open = hardWay();
const closed = hardWay({ topology: "private", ssh: { address: "private" }, mirrors: MIRRORS });

const only = (stack: typeof open, type: string): Readonly<Record<string, unknown>> => {
  const [resource, ...others] = Object.values(named(stack, type));
  if (resource === undefined || others.length > 0) throw new Error(`not exactly one ${type}`);
  return resource;
};

test("a public network has one internet gateway and a default route to it (FT-06)", () => {
  expect(Object.keys(named(open, "aws_internet_gateway"))).toHaveLength(1);
  expect(Object.values(named(open, "aws_route")).map((route) => route["destination_cidr_block"])).toContain(
    "0.0.0.0/0",
  );
});

test("a private network has no internet gateway and no default route (FT-06, F-30)", () => {
  expect(named(closed, "aws_internet_gateway")).toEqual({});
  expect(Object.values(named(closed, "aws_route")).map((route) => route["destination_cidr_block"])).toEqual([
    "10.200.0.0/24",
  ]);
});

test("a private cluster has an internal load balancer and no public address (FT-13)", () => {
  expect(only(closed, "aws_lb")["internal"]).toBe(true);
  expect(Object.values(named(closed, "aws_instance")).map((machine) => machine["associate_public_ip_address"])).toEqual(
    [false, false],
  );
  expect(closed.json).not.toContain("public_ip}");
});

test("workers reach an internal load balancer from their security group (FT-13)", () => {
  const rules = Object.entries(named(closed, "aws_vpc_security_group_ingress_rule"));

  expect(rules.filter(([id]) => id.includes("worker-balancer"))).toHaveLength(1);
  expect(rules.filter(([id]) => id.includes("api_from-worker"))).toHaveLength(0);
});

test("a private subnet is tagged for internal load balancers, a public one for others", () => {
  expect(only(closed, "aws_subnet")["tags"]).toEqual({
    Name: "blue",
    "kubernetes.io/role/internal-elb": "1",
    "kubernetes.io/cluster/blue": "owned",
  });
  expect(only(open, "aws_subnet")["tags"]).toEqual({
    Name: "blue",
    "kubernetes.io/role/elb": "1",
    "kubernetes.io/cluster/blue": "owned",
  });
});

test("Terraform logs in at private addresses of a private cluster, where it is told that it runs inside (FT-13)", () => {
  const hosts = Object.values(named(closed, "null_resource")).map(
    (stage) => (stage["connection"] as { host: string }).host,
  );

  expect([...new Set(hosts)].sort()).toEqual(["10.240.0.10", "10.240.0.20"]);
});

test("rejects a private cluster whose nodes could fetch nothing", () => {
  expect(() => hardWay({ topology: "private", ssh: { address: "private" } })).toThrow(
    /mirrors\.downloads "" must be named where nothing leads to the internet[^]*mirrors\.images ""[^]*mirrors\.packages ""/,
  );
});

test.each([
  ["https", { protocol: "HTTPS", path: "/readyz", matcher: "200", port: "traffic-port" }],
  ["tcp", { protocol: "TCP", port: "traffic-port" }],
  ["nginx", { protocol: "HTTP", path: "/healthz", matcher: "200", port: "80" }],
] as const)("the load balancer checks API servers by %s (FT-12, S1-73, S1-81)", (healthCheck, check) => {
  expect(only(hardWay({ healthCheck }), "aws_lb_target_group")["health_check"]).toEqual({
    ...check,
    interval: 10,
    healthy_threshold: 2,
    unhealthy_threshold: 2,
  });
});

test.each<[string, Partial<HardWayClusterProps>]>([
  ["internet-facing", { healthCheck: "nginx" }],
  ["open", { healthCheck: "nginx", firewallRules: OPEN_FIREWALL_RULES }],
])(
  "port 80 of an %s cluster's controllers is open to the load balancer alone, and only for nginx (F-15, S1-82)",
  (_, props) => {
    const port80 = (stack: Synthesised): [string, unknown][] =>
      Object.entries(named(stack, "aws_vpc_security_group_ingress_rule")).filter(
        ([, rule]) => rule["from_port"] === 80,
      );

    expect(port80(hardWay({ ...props, healthCheck: "https" }))).toEqual([]);
    expect(port80(hardWay(props))).toEqual([
      [
        "cluster_security-groups_api-health-proxy",
        expect.objectContaining({
          security_group_id: "${aws_security_group.cluster_security-groups_control-plane_92D8E83A.id}",
          referenced_security_group_id: "${aws_security_group.cluster_security-groups_api_F223BC10.id}",
          ip_protocol: "tcp",
          to_port: 80,
        }),
      ],
    ]);
  },
);

test("nginx is for the stage of the control plane to install, and for no other health check (FT-38)", () => {
  const proxy = (healthCheck: HealthCheck): unknown =>
    env(hardWay({ healthCheck }), "control-plane/controller-0")["HEALTH_PROXY"];

  expect([proxy("https"), proxy("tcp"), proxy("nginx")]).toEqual(["", "", "nginx"]);
});

test("machines and load balancer wait for the way out, and the balancer for the machines' addresses (FT-06, FT-14)", () => {
  const before = (type: string): string[] =>
    (Object.values(named(open, type))[0]!["depends_on"] as string[]).map((address) =>
      address.replace(/_[0-9A-F]{8}$/, ""),
    );
  const way = [
    "aws_route.cluster_network_internet",
    "aws_main_route_table_association.cluster_network_main-routes",
    "aws_route_table_association.cluster_network_public-routes",
  ];

  expect(before("aws_instance")).toEqual(way);
  expect(before("aws_lb")).toEqual([...way, "aws_instance.cluster_control-plane_0", "aws_instance.cluster_worker_0"]);
});

test("a zone that is looked up does not move a subnet that is there, and one that is named does", () => {
  expect(only(open, "aws_subnet")["lifecycle"]).toEqual({ ignore_changes: ["availability_zone"] });
  expect(only(hardWay({ availabilityZones: ["eu-west-1b"] }), "aws_subnet")).toMatchObject({
    availability_zone: "eu-west-1b",
  });
  expect(only(hardWay({ availabilityZones: ["eu-west-1b"] }), "aws_subnet")).not.toHaveProperty("lifecycle");
});
