import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MirrorList } from "../../../constructs";
import { Cluster, capture, type Artifacts } from "../../../lab/commands/cluster";
import { stateFolder } from "../../../lab/machines/leftovers";
import { explain } from "../../../lab/terraform/explain";
import { TerraformError, type Terraform } from "../../../lab/terraform/terraform";
import type { StackJson } from "../../../lab/terraform/workspace";
import { remediesOf } from "../../support/troubleshooting";
import { operate } from "../operate";
import { Api, becomes, eventually } from "../operator";
import { endOwnLab, startOwnLab, testsFolder } from "../own-lab";

// The stack hybrid of main.ts, in a private VPC that other Terraform made: two zones, a VPN gateway, the office's DNS, and
// as the only way out Squid in the office, which asks for a password. In order, since each test begins where another ended.
const minutes = (count: number): number => count * 60_000;
const cluster = new Cluster("hybrid", testsFolder);
const PROXY = "10.1.2.3/32";
let artifacts: Artifacts;
let network: Terraform;
let terraform: Terraform;
let stack: StackJson;
let api: Api;
let before: unknown;

beforeAll(async () => {
  cluster.forget();
  artifacts = await startOwnLab();
  network = await cluster.makeNetwork(artifacts);
  api = await Api.open();
  before = await vpcAsItIs();
  stack = cluster.synthesise();
  terraform = cluster.terraform(artifacts);
  await terraform.init();
}, minutes(45));
afterAll(async () => {
  await api?.close();
  await endOwnLab();
}, minutes(2));

/** All that AWS says of the VPC itself. */
async function vpcAsItIs(): Promise<unknown> {
  const vpc = String(await network.output("vpc"));
  const filter = { Filters: [{ Name: "vpc-id", Values: [vpc] }] };
  const asked = ["describe_subnets", "describe_route_tables", "describe_security_groups", "describe_vpcs"];
  return Promise.all(asked.map((call) => api.ec2(call, filter)));
}
const office = (...command: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = capture(["ip", "netns", "exec", "lab-office", ...command]);
  return { status, output: `${stdout}${stderr}` };
};
const on = (machine: string, command: string): string => {
  const { stdout, stderr } = capture(cluster.sshCommand(machine, [command]));
  return `${stdout}${stderr}`;
};
const kubectl = (...args: string[]): string => {
  const { status, stdout, stderr } = capture(cluster.kubectlCommand(artifacts.kubectl, args));
  if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
};
/** What Squid noted: method, URL and user of each request. */
const requests = (): { method: string; url: string; user: string }[] =>
  readFileSync(join(stateFolder, "office", "proxy", "access.log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(/ +/))
    .map(([, , , , , method = "", url = "", user = ""]) => ({ method, url, user }));

test(
  "without its proxy the bootstrap ends with a sentence that names it, and no user (FT-87, F-29)",
  async () => {
    expect(office("ip", "addr", "del", PROXY, "dev", "lo")).toEqual({ status: 0, output: "" });

    const failure = await terraform
      .apply(() => undefined)
      .then(
        () => "the apply succeeded",
        (error: unknown) => (error instanceof TerraformError ? explain(error, stack) : Promise.reject(error as Error)),
      );

    expect(failure).toMatch(/error: etcd on controller-\d: .*the proxy http:\/\/proxy\.corp\.example:3128/);
    expect(failure).not.toMatch(/pass.word|kubernetes:/);
    expect(office("ip", "addr", "add", PROXY, "dev", "lo")).toEqual({ status: 0, output: "" });
  },
  minutes(10),
);

test(
  "goes on when it is back, until every node is Ready (FT-85, FT-87)",
  async () => {
    await terraform.apply(() => undefined);
    await cluster.saveAccess(terraform, artifacts);

    expect(kubectl("get", "nodes", "--no-headers").match(/ Ready /g)).toHaveLength(3);
  },
  minutes(10),
);

test(
  "has an empty second plan (FT-49)",
  async () => {
    expect((await terraform.plan()).output).toContain("No changes.");
  },
  minutes(2),
);

describe("the proxy", () => {
  test("was the way of every download, package and image, with its user (FT-87)", () => {
    const seen = requests().filter(({ user }) => user === "kubernetes");
    const paths = Object.keys(artifacts.checksums);

    for (const program of ["etcd", "kube-apiserver", "kubelet", "containerd", "runc", "cni-plugins"])
      expect(seen.map(({ url }) => url)).toContainEqual(
        expect.stringContaining(
          paths.find((path) => path.includes(`/${program}`) && path.includes("amd64")) ?? program,
        ),
      );
    expect(seen.map(({ url }) => url)).toContainEqual(expect.stringMatching(/\/debian\/pool\/.*conntrack/));
    expect(seen.map(({ url }) => url)).toContainEqual(expect.stringMatching(/\/v2\/coredns\/coredns\/manifests\//));
  });

  test("was asked for nothing of the VPC, of pods, of services or of a machine's own metadata (FT-87, F-30)", () => {
    const hosts = requests().map(({ url }) => url.replace(/^https?:\/\//, "").replace(/[:/].*$/, ""));

    expect(new Set(hosts)).toEqual(new Set(["mirror.lab"]));
  });

  test("keeps its password from logs, and on a machine in a file of root's alone (FT-87)", () => {
    expect(readFileSync(join(cluster.folder, "terraform.log"), "utf8")).not.toMatch(/pass.word/);
    expect(on("worker-0", "sudo stat -c '%a %U' /etc/kubernetes/proxy.env").trim()).toBe("600 root");
    expect(on("worker-0", "cat /etc/kubernetes/proxy.env")).toContain("Permission denied");
  });
});

describe("the list of what a mirror holds", () => {
  let list: MirrorList;
  /** Paths of what nodes were given, from the logs of Squid and of the mirror itself. */
  let fetched: string[];
  beforeAll(async () => {
    list = (await terraform.output("mirror_list")) as MirrorList;
    const mirror = readFileSync(join(stateFolder, "mirror.log"), "utf8").matchAll(
      /"(?:GET|HEAD) (\S+) [^"]*" (?:200|206) /g,
    );
    const paths = [...requests().map(({ url }) => url), ...[...mirror].map(([, path]) => path!)];
    fetched = [...new Set(paths.map((path) => path.replace(/^http:\/\/mirror\.lab/, "").replace(/\?.*$/, "")))];
  }, minutes(2));
  const below = (folder: string): string[] =>
    fetched.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));

  test("has every file that was fetched (FT-87, F-29)", () => {
    const files = fetched.filter((path) => !/^\/(v2|deb\.debian\.org)\//.test(path));
    const on = list.files.flatMap(({ url, sums }) => [url, sums]).map((url) => url.replace("https:/", ""));

    expect(files.length).toBeGreaterThan(9);
    expect(files.filter((path) => !on.includes(path))).toEqual([]);
  });

  test("has every image that was pulled before somebody asked for one (FT-87, F-29)", () => {
    const names = list.images.map(({ name }) => name.slice(name.indexOf("/") + 1));
    const pulled = new Set(below("/v2/").map((path) => path.replace(/\/(manifests|blobs)\/.*$/, "")));

    expect([...pulled].sort()).toEqual([...names].sort());
  });

  test("has every package that was fetched, or one that needs it (FT-87, F-29)", () => {
    const said = capture([
      ...["apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks"],
      ...["--no-replaces", "--no-enhances", ...list.packages],
    ]);
    const needed = said.stdout.split("\n").filter((line) => /^[a-z0-9]/.test(line));
    const packages = below("/deb.debian.org/debian/pool/").map((path) => path.replace(/^.*\/([^_/]+)_[^/]*$/, "$1"));

    expect(packages).toEqual(expect.arrayContaining(["conntrack", "ipset", "socat"]));
    expect(packages.filter((name) => !needed.includes(name))).toEqual([]);
  });
});

test("no machine has a public address, and the API's balancer is internal (FT-13, FT-85, F-30, F-34)", async () => {
  const { Reservations } = await api.ec2("describe_instances", {});
  const instances = Reservations.flatMap(({ Instances }: { Instances: { PublicIpAddress?: string }[] }) => Instances);
  expect(instances).toHaveLength(6);
  expect(instances.map(({ PublicIpAddress }: { PublicIpAddress?: string }) => PublicIpAddress)).toEqual(
    Array(6).fill(undefined),
  );
  const { LoadBalancers } = await api.elb("describe_load_balancers", {});
  expect(LoadBalancers.map(({ Scheme }: { Scheme: string }) => Scheme)).toEqual(["internal"]);
});

test(
  "pods of one zone reach those of the other by routes in both tables; without one they do not (F-28, FT-53)",
  async () => {
    const nodes = ["worker-0", "worker-1"];
    const zone = (node: string): string =>
      kubectl("get", "node", node, "-o", "jsonpath={.metadata.labels.topology\\.kubernetes\\.io/zone}");
    expect(nodes.map(zone)).toEqual(["us-east-1a", "us-east-1b"]);
    const blocks = (await terraform.output("pod_routes")) as Record<string, string>;
    const [near, far] = [blocks["172.20.0.20"]!, blocks["172.20.1.21"]!];
    // The bridge of the other node's pods: an address that only the VPC's routes lead to.
    const [from, to] = [near, far].map((block) => block.replace(/0\/24$/, "1"));
    for (const node of nodes)
      kubectl(
        ...["run", `on-${node}`, "--image=registry.k8s.io/e2e-test-images/agnhost:2.63.0", "--restart=Never"],
        `--overrides=${JSON.stringify({ spec: { nodeName: node } })}`,
        ...["--", "netexec", "--http-port=8080"],
      );
    kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=120s");
    const answers = (): boolean =>
      on("worker-0", `ping -c 1 -W 1 -I ${from} ${to} >/dev/null && echo yes`).trim() === "yes";
    await becomes("an answer by the routes", answers, true, 30);

    const tables = (await network.output("tables")) as string[];
    await api.ec2("delete_route", { RouteTableId: tables[1], DestinationCidrBlock: near });

    await becomes("an answer with routes in one table alone", answers, false);
    // The same apply changes the health check, for the tests below: each costs a minute by itself.
    stack = cluster.synthesise(join(__dirname, "hybrid-nginx.app.ts"));
    await terraform.apply(() => undefined);
    await becomes("an answer with ours again", answers, true, 30);
  },
  minutes(10),
);

describe("nginx on each controller, since that apply", () => {
  const controllers = { "controller-0": "172.20.0.10", "controller-1": "172.20.1.11", "controller-2": "172.20.0.12" };
  const names = Object.keys(controllers);
  const site = "/etc/nginx/sites-available/kubernetes.default.svc.cluster.local";
  const says = (machine: string): string =>
    on(
      machine,
      "curl -s -H 'Host: kubernetes.default.svc.cluster.local' -w ' %{http_code}' http://127.0.0.1/healthz",
    ).trim();
  /** What the balancer thinks of each controller. */
  const states = async (): Promise<Record<string, string>> => {
    const [group] = (await api.elb("describe_target_groups")).TargetGroups as { TargetGroupArn: string }[];
    const health = await api.elb("describe_target_health", { TargetGroupArn: group!.TargetGroupArn });
    const rows = health.TargetHealthDescriptions as { Target: { Id: string }; TargetHealth: { State: string } }[];
    return Object.fromEntries(
      Object.entries(controllers).map(([name, address]) => [
        name,
        rows.find(({ Target }) => Target.Id === address)?.TargetHealth.State ?? "no target",
      ]),
    );
  };
  const become = (...wanted: readonly string[]): Promise<unknown> =>
    eventually("targets", states, (seen) => names.every((name, index) => seen[name] === wanted[index]), 60);

  test(
    "is what the balancer asks, and says what the API server behind it says (FT-12, FT-38)",
    async () => {
      const { TargetGroups } = await api.elb("describe_target_groups");

      expect(TargetGroups).toEqual([
        expect.objectContaining({
          HealthCheckProtocol: "HTTP",
          HealthCheckPort: "80",
          HealthCheckPath: "/healthz",
        }),
      ]);
      expect(names.map(says)).toEqual(Array(3).fill("ok 200"));
      await become("healthy", "healthy", "healthy");
    },
    minutes(2),
  );

  test(
    "takes a controller out of the balancer where it or the API server behind it is stopped, and in again (FT-12, FT-38, F-15)",
    async () => {
      expect(on("controller-0", "sudo systemctl stop nginx")).toBe("");
      expect(on("controller-1", "sudo systemctl stop kube-apiserver")).toBe("");

      expect(on("controller-0", "curl -sk https://127.0.0.1:6443/readyz")).toBe("ok");
      expect(says("controller-1")).toMatch(/ 502$/);
      await become("unhealthy", "unhealthy", "healthy");
      // The balancer tells what it thinks a moment before it sends nobody there any more.
      const ready = cluster.kubectlCommand(artifacts.kubectl, ["get", "--raw=/readyz"]);
      await becomes("an answer by the balancer", () => capture(ready).stdout, "ok");

      expect(on("controller-0", "sudo systemctl start nginx")).toBe("");
      expect(on("controller-1", "sudo systemctl start kube-apiserver")).toBe("");
      await become("healthy", "healthy", "healthy");
      expect(names.map(says)).toEqual(Array(3).fill("ok 200"));
    },
    minutes(4),
  );

  test(
    "says 502 for an API server of another authority (FT-38, LD-05)",
    async () => {
      const trust = (file: string): string =>
        on(
          "controller-2",
          `sudo sed -i 's#/var/lib/kubernetes/[a-z-]*ca.pem#/var/lib/kubernetes/${file}#' ${site} && sudo nginx -s reload`,
        );
      const said = (code: string): Promise<string> =>
        eventually(
          `nginx to say ${code}`,
          () => says("controller-2"),
          (seen) => seen.endsWith(code),
          20,
        );
      trust("etcd-ca.pem");
      await said(" 502");
      trust("ca.pem");
      expect(await said(" 200")).toBe("ok 200");
    },
    minutes(1),
  );
});

test.each(remediesOf("hybrid"))(
  "docs/troubleshooting.md, $heading: the command says on this cluster that it is well",
  ({ place, command, well }) => {
    const output = place === "hybrid-worker" ? on("worker-0", command) : operate(cluster, artifacts, command).output;

    expect(output).toContain(well);
  },
  minutes(3),
);

test(
  "destroy leaves the network as it was (FT-86, FT-59)",
  async () => {
    await terraform.destroy(() => undefined);

    expect(await terraform.state()).toEqual([]);
    expect(await vpcAsItIs()).toEqual(before);
  },
  minutes(5),
);
