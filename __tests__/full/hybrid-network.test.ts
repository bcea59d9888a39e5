import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agnhost } from "../../lab/artifacts/versions";
import { Cluster, capture, machineCommand, type Artifacts } from "../../lab/commands/cluster";
import { stateFolder } from "../../lab/machines/leftovers";
import type { Terraform } from "../../lab/terraform/terraform";
import { officeCommand, officeResolver } from "../../lab/vpc/office";
import { Api, becomes, eventually } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";

// A cluster in a private VPC that other Terraform made, with two zones and a route table for each: pods over vxlan, and names
// by Route 53 Resolver in both directions. In order, since the office is told its forwarder in between.
const cluster = new Cluster("hybrid", testsFolder);
const minutes = (count: number): number => count * 60_000;
const NAME = "api.prod.aws.corp.example";
const VPC_RESOLVER = "172.20.0.2";
let artifacts: Artifacts;
let network: Terraform;
let terraform: Terraform;
let api: Api;
let before: unknown[];
let addresses: string[];

const dig = (server: string, name: string): string[] => ["dig", "+short", "+time=2", "+tries=1", `@${server}`, name];
/** Addresses, sorted; none where the name is not known or nobody answers. */
const answer = (command: readonly string[]): string[] =>
  capture(command)
    .stdout.split("\n")
    .filter((line) => /^[\d.]+$/.test(line))
    .sort();
const inOffice = (server: string, name: string): string[] => answer(officeCommand(dig(server, name)));
const onNode = (server: string, name: string): string[] => answer(machineCommand("worker-1", dig(server, name)));
const kubectl = (...args: string[]): string => {
  const { status, stdout, stderr } = capture(cluster.kubectlCommand(artifacts.kubectl, args));
  if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
};
/** All that AWS says of the VPC itself; of its security groups the cluster has some, while it is there. */
async function vpcAsItIs(): Promise<unknown[]> {
  const vpc = String(await network.output("vpc"));
  const filter = { Filters: [{ Name: "vpc-id", Values: [vpc] }] };
  const asked = ["describe_route_tables", "describe_vpcs", "describe_subnets", "describe_security_groups"];
  return Promise.all(asked.map((call) => api.ec2(call, filter)));
}

beforeAll(async () => {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab();
  network = await cluster.makeNetwork(artifacts);
  api = await Api.open();
  before = await vpcAsItIs();
  cluster.synthesise(join(__dirname, "hybrid-network.app.ts"));
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}, minutes(45));

afterAll(async () => {
  await api?.close();
  await endOwnLab();
}, minutes(2));

test(
  "an apply in a network that is there leaves its routes alone, and the next plan is empty (FT-54, FT-86, FT-49)",
  async () => {
    await terraform.apply(() => undefined);
    await cluster.saveAccess(terraform, artifacts);
    addresses = (await terraform.output("resolver_addresses")) as string[];

    expect((await terraform.plan()).output).toContain("No changes.");
    const now = await vpcAsItIs();
    expect(now.slice(0, 2)).toEqual(before.slice(0, 2));
    expect((await terraform.state()).filter((address) => address.includes("aws_route."))).toEqual([]);
  },
  minutes(15),
);

describe("names of the private zone", () => {
  let balancer: string[];
  beforeAll(async () => {
    const { NetworkInterfaces } = (await api.ec2("describe_network_interfaces")) as {
      NetworkInterfaces: { Description: string; PrivateIpAddress: string }[];
    };
    balancer = NetworkInterfaces.filter(({ Description }) => Description.startsWith("ELB net/"))
      .map(({ PrivateIpAddress }) => PrivateIpAddress)
      .sort();
  });

  test("are answered on the other side at each address of the inbound endpoint, one in each zone (FT-92, F-35)", () => {
    expect(addresses.map((address) => address.replace(/\d+$/, ""))).toEqual(["172.20.0.", "172.20.1."]);
    for (const address of addresses) expect([address, inOffice(address, NAME)]).toEqual([address, balancer]);
  });

  test(
    "are not answered there to whom inboundFrom leaves out, by the endpoint's security group alone (FT-92)",
    async () => {
      expect(addresses.map((address) => onNode(address, NAME))).toEqual([[], []]);

      const { SecurityGroups } = (await api.ec2("describe_security_groups")) as {
        SecurityGroups: { GroupId: string; Description: string }[];
      };
      const { GroupId } = SecurityGroups.find(({ Description }) => Description.includes(": inbound endpoint "))!;
      const IpPermissions = [{ IpProtocol: "udp", FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: "172.20.0.0/16" }] }];
      const seen = (): boolean => onNode(addresses[0]!, NAME).length > 0;
      await api.ec2("authorize_security_group_ingress", { GroupId, IpPermissions });
      await becomes("an answer to a node", seen, true, 30);
      await api.ec2("revoke_security_group_ingress", { GroupId, IpPermissions });
      await becomes("an answer to a node", seen, false, 30);
    },
    minutes(2),
  );

  test("are known to the other side's name server by its forwarder, and not without it (FT-92, F-35)", async () => {
    expect(inOffice(officeResolver, NAME)).toEqual([]);

    const folder = join(stateFolder, "office");
    const forwarders = addresses.map((address) => `server=/prod.aws.corp.example/${address}\n`);
    writeFileSync(join(folder, "forwarders"), forwarders.join(""));
    process.kill(Number(readFileSync(join(folder, "names.pid"), "utf8")), "SIGHUP");

    await eventually(
      "an answer of the office's name server",
      () => inOffice(officeResolver, NAME),
      (seen) => seen.join() === balancer.join(),
    );
  });

  test("then lead people to the API, whose nodes are Ready, one in each zone (FT-91, FT-92, FT-54)", async () => {
    expect(await terraform.output("endpoint")).toBe(`https://${NAME}:6443`);
    const zone = '{.metadata.labels.topology\\.kubernetes\\.io/zone} {.status.conditions[?(@.type=="Ready")].status}';

    expect(
      kubectl("get", "nodes", "-o", `jsonpath={range .items[*]}{.metadata.name} ${zone}{"\\n"}{end}`).split("\n"),
    ).toEqual(["worker-0 us-east-1a True", "worker-1 us-east-1b True", ""]);
  });
});

test(
  "names of the other side are answered on a node by the VPC's resolver, and not without the rule's association (FT-92)",
  async () => {
    const name = "proxy.corp.example";
    const known = (): boolean => onNode(VPC_RESOLVER, name).join() === "10.1.2.3";
    expect(known()).toBe(true);

    const { answer: rules } = (await api.ask("route53resolver", "list_resolver_rule_associations")) as {
      answer: { ResolverRuleAssociations: { ResolverRuleId: string; VPCId: string }[] };
    };
    for (const { ResolverRuleId, VPCId } of rules.ResolverRuleAssociations)
      await api.ask("route53resolver", "disassociate_resolver_rule", { ResolverRuleId, VPCId });

    await becomes("a name of the office known", known, false);
    expect(onNode(VPC_RESOLVER, NAME)).not.toEqual([]);
    await terraform.apply(() => undefined);
    await becomes("a name of the office known again", known, true);
  },
  minutes(5),
);

describe("pods of two zones over vxlan", () => {
  const nodes = ["worker-0", "worker-1"];
  const podAddress = (node: string): string =>
    kubectl("get", "pod", `on-${node}`, "-o", "jsonpath={.status.podIP}").trim();
  const reaches = (from: string, to: string): boolean =>
    capture(
      cluster.kubectlCommand(artifacts.kubectl, [
        ...["exec", `on-${from}`, "--", "curl", "--silent", "--max-time", "3"],
        `http://${podAddress(to)}:8080/hostname`,
      ]),
    ).stdout.trim() === `on-${to}`;

  beforeAll(() => {
    for (const node of nodes)
      kubectl(
        ...["run", `on-${node}`, `--image=registry.k8s.io/e2e-test-images/agnhost:${agnhost}`, "--restart=Never"],
        `--overrides=${JSON.stringify({ spec: { nodeName: node } })}`,
        ...["--", "netexec", "--http-port=8080"],
      );
    kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=110s");
  }, minutes(4));

  test(
    "reach each other in both directions without a route of the network (FT-54, F-28)",
    async () => {
      await becomes("worker-0 to worker-1", () => reaches("worker-0", "worker-1"), true, 60);
      await becomes("worker-1 to worker-0", () => reaches("worker-1", "worker-0"), true, 60);

      expect((await vpcAsItIs())[0]).toEqual(before[0]);
    },
    minutes(3),
  );

  test("have nothing of theirs in the proxy's log, nor has the network (FT-87, F-30)", () => {
    const urls = readFileSync(join(stateFolder, "office", "proxy", "access.log"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(/ +/)[6]!);

    expect(urls).toContainEqual(expect.stringContaining("/agnhost/"));
    expect(new Set(urls.map((url) => url.replace(/^https?:\/\//, "").replace(/[:/].*$/, "")))).toEqual(
      new Set(["mirror.lab"]),
    );
  });
});

test(
  "destroy leaves the network as it was (FT-86, FT-59)",
  async () => {
    await terraform.destroy(() => undefined);

    expect(await terraform.state()).toEqual([]);
    expect(await vpcAsItIs()).toEqual(before);
  },
  minutes(5),
);
