import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HybridCluster, type HybridClusterProps } from "../../constructs";
import { files, SMALL, stage, stages, type StageOnMachine } from "../support/hard-way";
import { CORPORATE } from "../support/hybrid";
import { synthMain } from "../support/main-stack";
import { all, dependencies, named } from "../support/resources";
import { addresses, synth, type Synthesised } from "../support/synth";

const PROXY = {
  url: "http://10.1.2.3:3128",
  credentials: { username: "machine", password: "secret" },
  exceptions: [".corp.example"],
};
const hybrid = (props: Partial<HybridClusterProps> = {}): Synthesised =>
  synth(
    (stack) =>
      void new HybridCluster(stack, "cluster", {
        ...SMALL,
        network: CORPORATE,
        proxy: PROXY,
        ssh: { address: "private" },
        ...props,
      }),
  );
const corporate = hybrid();

test("makes nothing of the network, no gateway and no public address (FT-85, FT-86, F-34)", () => {
  expect(addresses(corporate).join("\n")).not.toMatch(
    /aws_(vpc\.|subnet|internet_gateway|nat_gateway|eip|route_table|main_route|default_security_group)/,
  );
  expect(all(corporate, "aws_instance").map((machine) => machine.associate_public_ip_address)).toEqual([false, false]);
  expect(all(corporate, "aws_lb").map((balancer) => balancer.internal)).toEqual([true]);
});

test("keeps the addresses that the hard way has for the same things", () => {
  expect(addresses(corporate)).toEqual(expect.arrayContaining(["aws_lb.cluster_api_0C0E19C9"]));
});

test("firewall rules are of the network's block (FT-86, FT-08)", () => {
  const blocks = all(corporate, "aws_vpc_security_group_ingress_rule").flatMap((rule) => rule.cidr_ipv4 ?? []);

  expect(JSON.stringify(blocks)).not.toContain("10.240");
});

test("every machine learns of the proxy first, and no stage but that one knows its user (FT-87, LD-14)", () => {
  const after = (name: StageOnMachine): string[] => dependencies(stage(corporate, name));

  expect(after("proxy/worker-0")).toEqual([
    "null_resource.cluster_stage-ssh-host-key_controller-0",
    "null_resource.cluster_stage-ssh-host-key_worker-0",
  ]);
  expect(after("etcd/controller-0")).toEqual(
    expect.arrayContaining([
      "null_resource.cluster_stage-proxy_controller-0",
      "null_resource.cluster_stage-proxy_worker-0",
    ]),
  );
  for (const [name, block] of Object.entries(stages(corporate)))
    expect(`${name} ${JSON.stringify(block)}`).not.toContain("secret");
  expect(files(corporate, "proxy/worker-0")["proxy.env"]).toContain("urlencode");
});

test("nothing inside goes through the proxy: network, pods, services, metadata, the API by its name (FT-87)", () => {
  const [line] = files(corporate, "proxy/controller-0")["proxy.env"]!.match(/^no_proxy='.*'$/m)!;

  expect(line).toContain("169.254.169.254");
  expect(line).toContain(",172.20.0.0/16,10.200.0.0/16,10.32.0.0/24,.svc,.cluster.local,${aws_lb.cluster_api_");
  expect(line).toContain(",.corp.example'");
});

test("without a proxy there is no such stage, and mirrors are asked for (FT-87, F-29)", () => {
  const without = { ...SMALL, network: CORPORATE, ssh: { address: "private" } };
  const mirrors = { downloads: "http://mirror", images: "http://mirror", packages: "http://mirror/debian" };

  expect(() => synth((stack) => void new HybridCluster(stack, "cluster", without))).toThrow(
    'mirrors.downloads "" must be named where nothing leads to the internet',
  );
  const mirrored = synth((stack) => void new HybridCluster(stack, "cluster", { ...without, mirrors }));
  expect(Object.keys(stages(mirrored)).filter((name) => name.startsWith("proxy"))).toEqual([]);
});

test("with vxlan the network has no route of ours, and its tables need not be named (FT-54, FT-86, F-28)", () => {
  const overlay = hybrid({ network: { ...CORPORATE, routeTableIds: [] }, podNetwork: "vxlan" });

  expect(all(overlay, "aws_route")).toEqual([]);
  expect(Object.keys(stages(overlay))).toContain("vxlan/worker-0");
  expect(() => hybrid({ network: { ...CORPORATE, routeTableIds: [] } })).toThrow(
    "existingNetwork.routeTableIds 0 must have at least one",
  );
});

test("subnets without the tag for internal load balancers are refused at plan, where Services are to have some (FT-88, F-30)", () => {
  const asked = (stack: Synthesised): string[] =>
    Object.values(stack.data["aws_subnet"] ?? {})
      .flatMap(({ lifecycle }) => (lifecycle as { postcondition: { condition: string }[] }).postcondition)
      .map(({ condition }) => condition)
      .filter((condition) => condition.includes("internal-elb"));
  // Controllers take an empty value for the same.
  const tagged = '${contains(["1", ""], lookup(self.tags, "kubernetes.io/role/internal-elb", "none"))}';

  expect(asked(corporate)).toEqual([]);
  expect(asked(hybrid({ network: { ...CORPORATE, internalLoadBalancers: true } }))).toEqual([tagged, tagged]);
});

test("what is wrong with network and proxy is told at once (FT-86, FT-87)", () => {
  const [one] = CORPORATE.subnets;
  const network = { ...CORPORATE, vpcId: "corporate", subnets: [{ ...one!, cidr: "10.9.0.0/24" }] };
  const proxy = { url: "http://machine:secret@10.1.2.3:3128" };

  expect(() => hybrid({ network, proxy })).toThrow(
    /has 3 problems:\n.*existingNetwork\.vpcId "corporate" .*\n.*existingNetwork\.subnets\[0\] .*\n.*proxy\.url "http:\/\/\*\*\*@10\.1\.2\.3:3128" /,
  );
});

test("the stack of main.ts is there when a file describes the network (FT-85, FT-02)", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "hybrid-"));
  try {
    writeFileSync(join(scratch, "network.json"), JSON.stringify(CORPORATE));
    const environment = { HYBRID_NETWORK: join(scratch, "network.json") };
    const folder = await synthMain(join(scratch, "out"), undefined, environment, "hybrid");
    const stack = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as Synthesised & {
      variable: Record<string, object>;
    };

    expect(stack.variable["proxy_password"]).toMatchObject({ sensitive: true });
    expect(Object.keys(named(stack, "null_resource")).filter((name) => name.includes("stage-proxy"))).toHaveLength(6);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}, 60_000);
