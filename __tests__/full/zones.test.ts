import { join } from "node:path";
import { agnhost } from "../../lab/artifacts/versions";
import { Cluster, capture, type Artifacts } from "../../lab/commands/cluster";
import { sshOptions } from "../../lab/commands/ssh-options";
import { operatorCommand, status } from "../../lab/lab";
import type { Terraform } from "../../lab/terraform/terraform";
import { Api, becomes } from "../lab/operator";
import { endOwnLab, startOwnLab, testsFolder } from "../lab/own-lab";

// Two zones, private machines, a way out and a route table for each zone, a bastion, a pool with a label and a taint.
const cluster = new Cluster("zones", testsFolder);
const app = join(__dirname, "zones.app.ts");
const minutes = (count: number): number => count * 60_000;

let artifacts: Artifacts;
let terraform: Terraform;

const kubectl = (...args: string[]): string => {
  const { status: code, stdout, stderr } = capture(cluster.kubectlCommand(artifacts.kubectl, args));
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
};
const nodes = (path: string): Record<string, string> =>
  Object.fromEntries(
    kubectl("get", "nodes", "-o", `jsonpath={range .items[*]}{.metadata.name} {${path}}{"\\n"}{end}`)
      .trim()
      .split("\n")
      .map((row) => [row.split(" ")[0]!, row.split(" ").slice(1).join(" ")]),
  );
const podAddress = (name: string): string => kubectl("get", "pod", name, "-o", "jsonpath={.status.podIP}").trim();
/** Whether the pod of one node reaches the web server of the other's. */
const reaches = (from: string, to: string): boolean =>
  capture(
    cluster.kubectlCommand(artifacts.kubectl, [
      ...["exec", from, "--", "curl", "--silent", "--max-time", "3", `http://${podAddress(to)}:8080/hostname`],
    ]),
  ).stdout.trim() === to;

beforeAll(async () => {
  // What an interrupted run left is of an account that is gone.
  cluster.forget();
  artifacts = await startOwnLab();
  cluster.synthesise(app);
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}, minutes(45));

afterAll(endOwnLab, minutes(2));

test(
  "an apply through the bastion ends in Ready nodes of private machines, and the next plan is empty (FT-13, FT-19, FT-49)",
  async () => {
    await terraform.apply(() => undefined);
    await cluster.saveAccess(terraform, artifacts);

    expect(nodes('.status.conditions[?(@.type=="Ready")].status')).toEqual({
      "edge-0": "True",
      "edge-1": "True",
      "worker-0": "True",
    });
    expect((await terraform.plan()).output).toContain("No changes.");
  },
  minutes(20),
);

test("machines of a pool lie in both zones, and no machine but the bastion has a public address (FT-06, FT-15, F-28)", () => {
  const zones = nodes(".metadata.labels.topology\\.kubernetes\\.io/zone");

  expect(new Set(Object.values(zones)).size).toBe(2);
  expect(zones["edge-0"]).toBe(zones["worker-0"]);
  const machines = status()!.machines.filter(({ state }) => state === "running");
  expect(machines.filter((machine) => machine.public !== null).map(({ name }) => name)).toEqual(["bastion"]);
});

test("nodes have the labels and taints of their pools (FT-73)", () => {
  expect(nodes(".metadata.labels.tier")).toEqual({ "edge-0": "edge", "edge-1": "edge", "worker-0": "general" });
  expect(nodes(".spec.taints[*].key")).toEqual({ "edge-0": "dedicated", "edge-1": "dedicated", "worker-0": "" });
});

test("SSH reaches a private machine through the bastion, and not without it (FT-19, F-16)", async () => {
  const bastion = `${String(await terraform.output("ssh_user"))}@${String(await terraform.output("bastion"))}`;
  const options = ["-i", cluster.sshKeyPath, ...sshOptions(5)];
  const jump = `ProxyCommand=ssh ${options.join(" ")} -W %h:%p ${bastion}`;
  const target = cluster.sshTarget("edge-1");

  expect(capture(operatorCommand(["ssh", ...options, "-o", jump, target, "hostname"])).stdout.trim()).toBe("edge-1");
  expect(capture(operatorCommand(["ssh", ...options, target, "hostname"])).status).toBe(255);
});

test("each zone leaves by its own NAT gateway, and nothing comes in by it (FT-06)", async () => {
  const api = await Api.open();
  try {
    const { NatGateways } = (await api.ec2("describe_nat_gateways")) as {
      NatGateways: { NatGatewayAddresses: { PublicIp: string }[] }[];
    };
    const addresses = NatGateways.map(({ NatGatewayAddresses }) => NatGatewayAddresses[0]!.PublicIp);

    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses)
      expect(capture(operatorCommand(["ping", "-c1", "-W2", address])).status).not.toBe(0);
  } finally {
    await api.close();
  }
});

describe("pods of two zones", () => {
  beforeAll(() => {
    for (const node of ["worker-0", "edge-1"]) {
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `on-${node}`, labels: { app: "zones" } },
        spec: {
          nodeName: node,
          tolerations: [{ operator: "Exists" }],
          containers: [
            {
              name: "web",
              image: `registry.k8s.io/e2e-test-images/agnhost:${agnhost}`,
              args: ["netexec", "--http-port=8080"],
            },
          ],
        },
      };
      const made = capture(cluster.kubectlCommand(artifacts.kubectl, ["apply", "-f", "-"]), {
        input: JSON.stringify(pod),
      });
      if (made.status !== 0) throw new Error(made.stderr);
    }
    kubectl("wait", "pod", "--selector=app=zones", "--for=condition=Ready", "--timeout=120s");
  }, minutes(4));

  test(
    "reach each other in both directions (FT-53, F-28)",
    async () => {
      await becomes("worker-0 to edge-1", () => reaches("on-worker-0", "on-edge-1"), true, 60);
      await becomes("edge-1 to worker-0", () => reaches("on-edge-1", "on-worker-0"), true, 60);
    },
    minutes(3),
  );

  test(
    "lose each other when the routes are in the table of one zone alone, and the next apply brings them back (F-28, FT-53)",
    async () => {
      const api = await Api.open();
      try {
        const found = (await api.ec2("describe_route_tables")) as {
          RouteTables: {
            RouteTableId: string;
            Associations: { SubnetId?: string }[];
            Routes: { DestinationCidrBlock: string }[];
          }[];
        };
        const block = `${podAddress("on-worker-0").split(".").slice(0, 3).join(".")}.0/24`;
        const { Subnets } = (await api.ec2("describe_subnets")) as {
          Subnets: { SubnetId: string; CidrBlock: string }[];
        };
        // The second zone's machines: that of edge-1.
        const subnet = Subnets.find(({ CidrBlock }) => CidrBlock === "10.240.0.64/26")!.SubnetId;
        const table = found.RouteTables.find(({ Associations }) =>
          Associations.some(({ SubnetId }) => SubnetId === subnet),
        )!.RouteTableId;
        await api.ec2("delete_route", { RouteTableId: table, DestinationCidrBlock: block });

        await becomes("edge-1 to worker-0", () => reaches("on-edge-1", "on-worker-0"), false, 60);
        await terraform.apply(() => undefined);
        await becomes("edge-1 to worker-0", () => reaches("on-edge-1", "on-worker-0"), true, 60);
      } finally {
        await api.close();
      }
    },
    minutes(8),
  );
});

/** Lays down what the next apply makes of the pool. */
function edge(told: Readonly<Record<string, string>>): void {
  Object.assign(process.env, told);
  try {
    cluster.synthesise(app);
  } finally {
    for (const name of Object.keys(told)) delete process.env[name];
  }
}

test(
  "another label and another taint of a pool reach the nodes that are there, and the old ones go (FT-73)",
  async () => {
    edge({ EDGE_TIER: "border" });
    kubectl("label", "node", "edge-0", "own=1");
    await terraform.apply(() => undefined);

    expect(nodes(".metadata.labels.tier")).toEqual({ "edge-0": "border", "edge-1": "border", "worker-0": "general" });
    expect(nodes(".spec.taints[*].value")).toEqual({ "edge-0": "border", "edge-1": "border", "worker-0": "" });
    expect(nodes(".metadata.labels.own")["edge-0"]).toBe("1");
    expect((await terraform.plan()).changes).toBe(false);
  },
  minutes(8),
);

test(
  "a pool that shrinks takes its last machine, drained before and deleted after, and leaves the others as they are (FT-73, FT-49)",
  async () => {
    kubectl("drain", "edge-1", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=120s");
    edge({ EDGE_TIER: "border", EDGE_COUNT: "1" });
    await terraform.apply(() => undefined);

    // Nobody but people takes a node away whose machine is gone.
    expect(Object.keys(nodes(".metadata.name"))).toEqual(["edge-0", "edge-1", "worker-0"]);
    kubectl("delete", "node", "edge-1");
    expect(nodes('.status.conditions[?(@.type=="Ready")].status')).toEqual({ "edge-0": "True", "worker-0": "True" });
    expect((await terraform.plan()).changes).toBe(false);
  },
  minutes(8),
);

test(
  "destroys everything (FT-59)",
  async () => {
    await terraform.destroy(() => undefined);

    expect(await terraform.state()).toEqual([]);
  },
  minutes(5),
);
