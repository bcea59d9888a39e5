import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import managed from "../../report/managed-policies.json";
import { CORPORATE } from "../support/hybrid";
import { tableUnder } from "../support/page";

// npm run report, as people run it: the plan that it writes beside the Terraform of each stack.
const REPOSITORY = join(__dirname, "..", "..");
const scratch = mkdtempSync(join(tmpdir(), "report-"));
const tsx = join(REPOSITORY, "node_modules", "tsx", "dist", "cli.mjs");
const KINDS = ["hard-way", "eks", "hybrid"];
const read = (kind: string, file: string, out = "out"): string =>
  readFileSync(join(scratch, out, "stacks", kind, file), "utf8");
const section = (kind: string, title: string): string[][] => tableUnder(read(kind, "plan.md"), title);

async function report(out: string, ...args: string[]): Promise<string> {
  writeFileSync(join(scratch, "network.json"), JSON.stringify(CORPORATE));
  const { stdout } = await promisify(execFile)(process.execPath, [tsx, join(REPOSITORY, "report.ts"), ...args], {
    cwd: REPOSITORY,
    env: { ...process.env, CDKTF_OUTDIR: join(scratch, out), HYBRID_NETWORK: join(scratch, "network.json") },
  });
  return stdout;
}

beforeAll(async () => void (await report("out")), 120_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("the same Terraform gives the same plan, which names no path of this machine (FT-01)", async () => {
  const before = KINDS.map((kind) => read(kind, "plan.html"));

  await report("out", join(scratch, "out"));

  expect(KINDS.map((kind) => read(kind, "plan.html"))).toEqual(before);
  for (const html of before) expect([REPOSITORY, scratch].filter((path) => html.includes(path))).toEqual([]);
}, 120_000);

test.each(KINDS)("the page of %s needs nothing else, and says what the Markdown says (FT-95)", (kind) => {
  const html = read(kind, "plan.html");

  expect(html.match(/(src|href)="[^#][^"]*"|<script|@import|url\((?!#)/g) ?? []).toEqual([]);
  const titles = [...read(kind, "plan.md").matchAll(/^## (.*)$/gm)].map(([, title]) => title!);
  expect(titles.length).toBeGreaterThan(6);
  for (const title of titles) expect(html).toContain(`>${title}</h2>`);
  expect(html).toContain("<svg ");
});

test.each(KINDS)("every rule of %s is told with its reason (FT-08)", (kind) => {
  const json = JSON.parse(read(kind, "cdk.tf.json")) as {
    resource: Record<string, Record<string, { description: string }>>;
  };
  const rules = ["ingress", "egress"].flatMap((way) =>
    Object.values(json.resource[`aws_vpc_security_group_${way}_rule`] ?? {}),
  );

  const told = section(kind, "Who may talk to whom");
  expect(told).toHaveLength(rules.length);
  expect(told.map(([, , , why]) => why).sort()).toEqual(rules.map(({ description }) => description).sort());
  for (const [from, to, port] of told) expect([from, to, port]).not.toContain("");
});

test("says of the hard way who reaches what, at which address, and from what (FT-08, FT-22)", () => {
  expect(section("hard-way", "Who may talk to whom")).toEqual(
    expect.arrayContaining([
      ["admin_cidrs", "hard-way-api", "tcp 6443", "kubectl from outside"],
      [
        "hard-way-control-plane",
        "hard-way-control-plane",
        "tcp 2379–2380",
        "API servers to etcd, and etcd among its members",
      ],
    ]),
  );
  expect(section("hard-way", "Machines")).toContainEqual([
    "worker-2",
    "10.240.0.22",
    "t3.small",
    "50 GiB",
    "10.200.2.0/24",
  ]);
  expect(section("hard-way", "Addresses and capacity")).toEqual([
    ["public", "10.240.0.0/24", "chosen at plan", "256", "6", "245", ""],
  ]);
  const issued = section("hard-way", "Certificates");
  expect(issued).toHaveLength(17);
  expect(issued).toContainEqual([
    "CN=system:node:worker-0, O=system:nodes",
    "CN=hard-way kubernetes",
    "worker-0, 10.240.0.20",
    "365 days, new from 30 days before the end",
  ]);
});

test("says what another version and a renewed certificate restart, on which machines (FT-57)", () => {
  const versions = Object.fromEntries(
    section("hard-way", "What another version restarts").map(([of, , again]) => [of, again]),
  );
  expect(versions["etcd"]).toBe("etcd on controller-0, controller-1, controller-2");
  expect(versions["containerd"]).toBe("worker on worker-0, worker-1, worker-2");
  expect(versions["kubernetes"]).toContain("control-plane on controller-0");

  const renewals = Object.fromEntries(section("hard-way", "What a renewed certificate restarts"));
  expect(renewals["CN=system:node:worker-1, O=system:nodes"]).toBe("worker on worker-1");
  expect(renewals["CN=hard-way etcd"]).toMatch(/^etcd on controller-0, .*; control-plane on controller-0, /);
});

test("counts what costs by the month, and prices nothing (FT-95)", () => {
  const of = (kind: string): string[][] => section(kind, "What costs by the month");

  expect(of("hard-way")).toEqual(
    expect.arrayContaining([
      ["EC2 t3.small", "6", "4380 hours"],
      ["EBS gp3, root volumes", "6", "300 GiB"],
      ["public IPv4 addresses of machines", "6", "4380 hours"],
    ]),
  );
  expect(of("eks")).toEqual(
    expect.arrayContaining([
      ["EKS control plane", "1", "730 hours"],
      ["EC2 m5.large, group workers", "2 to 2", "1460 to 1460 hours"],
    ]),
  );
  expect(of("hybrid").map(([what]) => what)).not.toContain("public IPv4 addresses of machines");
});

test("names the roles of IAM with all that they have (FT-95)", () => {
  expect(section("eks", "IAM")).toContainEqual([
    "eks-node",
    "AmazonEC2ContainerRegistryReadOnly, AmazonEKSWorkerNodePolicy, AmazonEKS_CNI_Policy",
    "none",
  ]);
  expect(section("hard-way", "IAM")).toEqual([
    ["hard-way-control-plane", "none", "none"],
    ["hard-way-worker", "none", "none"],
  ]);
});

test("tells what AWS's own policies allow, and where AWS says what they allow today (FT-95)", () => {
  const told = section("eks", "What AWS's own policies allow");

  expect(told.map(([name]) => name)).toEqual([
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEKSClusterPolicy",
    "AmazonEKSVPCResourceController",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
  ]);
  for (const [name, version, actions, today] of told) {
    expect([version, actions]).toEqual([
      expect.stringMatching(/^v\d+$/),
      expect.stringMatching(/^\w[\w-]*:\w+(, [\w-]+:\w+)+$/),
    ]);
    expect(today).toBe(`https://docs.aws.amazon.com/aws-managed-policy/latest/reference/${name}.html`);
  }
  expect(told.find(([name]) => name === "AmazonEKS_CNI_Policy")![2]).toContain("ec2:AssignPrivateIpAddresses");
});

test("knows every policy of AWS's that a cluster may give to a role (FT-95)", () => {
  const folder = join(REPOSITORY, "constructs");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const named = sources.flatMap((source) =>
    [...source.matchAll(/"(?:policy\/)?(Amazon[A-Z]\w+)"/g)].map(([, name]) => name!),
  );
  // Those of access entries, which are of Kubernetes, and one that is an image's.
  const policies = named.filter((name) => !/(Admin|View)Policy$/.test(name));

  expect(policies.length).toBeGreaterThan(5);
  expect(policies.filter((name) => !(name in managed.policies))).toEqual([]);
});

test("counts the addresses that nodes of EKS take for their pods, from the start and at most (FT-80)", () => {
  // m5.large: three interfaces of ten addresses.
  expect(section("eks", "Addresses of nodes")).toEqual([["workers", "2 to 2", "20", "30", "40", "60"]]);
  expect(read("hard-way", "plan.md")).not.toContain("Addresses of nodes");
});

test("draws subnets of a network that is there with the machines in them (FT-85)", () => {
  const drawing = read("hybrid", "topology.svg");

  for (const text of [
    CORPORATE.vpcId,
    CORPORATE.subnets[1]!.id,
    "172.20.1.0/24",
    "controller-1 172.20.1.11",
    "internal load balancer",
  ])
    expect(drawing).toContain(text);
  expect(section("hybrid", "Addresses and capacity").map(([name, block]) => [name, block])).toEqual(
    CORPORATE.subnets.map(({ id, cidr }) => [id, cidr]),
  );
});

test("where nothing was synthesised it says so (FT-97)", async () => {
  await expect(report("nowhere", join(scratch, "nowhere"))).rejects.toThrow(
    /error: there is no \S+stacks; name the folder that an app was synthesised into/,
  );
}, 60_000);
