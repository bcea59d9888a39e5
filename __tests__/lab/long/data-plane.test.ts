import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { down, type LabStatus, operatorCommand, status, up } from "../../../lab/lab";
import { sshOptions } from "../../../lab/commands/ssh-options";
import { findLeftovers, isNothing, stateFolder } from "../../../lab/machines/leftovers";
import { projectFolder, testsOwner } from "../../../lab/terraform/workspace";
import { Api, becomes, eventually, operator, type Outcome, pings, within } from "../operator";

jest.setTimeout(120_000);

const lines: string[] = [];
const log = (line: string): void => void lines.push(line);
const folder = mkdtempSync(join(tmpdir(), "data-plane-"));
const key = join(folder, "key");

/** Runs a script on a machine as its user. */
function on(address: string, script: string): Outcome {
  return operator(["ssh", "-i", key, ...sshOptions(2), `admin@${address}`, "bash -s"], script);
}

function machine(instance: string): LabStatus["machines"][number] | undefined {
  return status()?.machines.find((row) => row.instance === instance);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const everywhere = { IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
const operatorOnly = { IpRanges: [{ CidrIp: "198.18.0.1/32" }] };

describe("the lab's data plane", () => {
  let api: Api;
  let vpc: string, igw: string, publicSubnet: string, privateSubnet: string, publicTable: string, privateTable: string;
  let nodes: string, balancers: string, image: string;
  let a: Machine, b: Machine, c: Machine;

  interface Machine {
    readonly id: string;
    readonly private: string;
    readonly public: string;
    readonly namespace: string;
  }

  async function run(name: string, subnet: string, address: string, options: object = {}): Promise<Machine> {
    const { Instances } = await api.ec2("run_instances", {
      ...{ ImageId: image, InstanceType: "t3.small", MinCount: 1, MaxCount: 1, KeyName: "operator" },
      NetworkInterfaces: [
        {
          ...{ DeviceIndex: 0, SubnetId: subnet, PrivateIpAddress: address, Groups: [nodes] },
          AssociatePublicIpAddress: subnet === publicSubnet,
        },
      ],
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      UserData: `#cloud-config\nwrite_files: [{ path: /etc/greeting, content: "I am ${name}" }]\n`,
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: name }] }],
      ...options,
    });
    const [row] = Instances;
    return { id: row.InstanceId, private: address, public: row.PublicIpAddress, namespace: `lab-${row.InstanceId}` };
  }

  const reachable = (address: string): boolean => on(address, "true").code === 0;

  async function rule(action: "authorize" | "revoke", group: string, permission: object): Promise<void> {
    await api.ec2(`${action}_security_group_ingress`, { GroupId: group, IpPermissions: [permission] });
  }

  beforeAll(async () => {
    await up({ owner: testsOwner, log });
    api = await Api.open();
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    vpc = (await api.ec2("create_vpc", { CidrBlock: "10.240.0.0/16" })).Vpc.VpcId;
    const subnet = async (cidr: string): Promise<string> =>
      (await api.ec2("create_subnet", { VpcId: vpc, CidrBlock: cidr, AvailabilityZone: "us-east-1a" })).Subnet.SubnetId;
    publicSubnet = await subnet("10.240.0.0/24");
    privateSubnet = await subnet("10.240.1.0/24");
    igw = (await api.ec2("create_internet_gateway")).InternetGateway.InternetGatewayId;
    await api.ec2("attach_internet_gateway", { InternetGatewayId: igw, VpcId: vpc });
    const table = async (of: string): Promise<string> => {
      const id = (await api.ec2("create_route_table", { VpcId: vpc })).RouteTable.RouteTableId;
      await api.ec2("associate_route_table", { RouteTableId: id, SubnetId: of });
      return id;
    };
    publicTable = await table(publicSubnet);
    privateTable = await table(privateSubnet);
    await api.ec2("create_route", { RouteTableId: publicTable, DestinationCidrBlock: "0.0.0.0/0", GatewayId: igw });
    const group = async (name: string): Promise<string> =>
      (await api.ec2("create_security_group", { GroupName: name, Description: name, VpcId: vpc })).GroupId;
    nodes = await group("nodes");
    balancers = await group("balancers");
    await rule("authorize", nodes, { IpProtocol: "tcp", FromPort: 22, ToPort: 22, ...operatorOnly });
    const publicKey = readFileSync(`${key}.pub`, "utf8");
    await api.ec2("import_key_pair", { KeyName: "operator", PublicKeyMaterial: publicKey });
    const images = await api.ec2("describe_images", {
      Owners: ["136693071363"],
      Filters: [{ Name: "name", Values: ["debian-12-amd64-*"] }],
    });
    image = images.Images[0].ImageId;
    [a, b, c] = [
      await run("a", publicSubnet, "10.240.0.10"),
      await run("b", publicSubnet, "10.240.0.20"),
      await run("c", privateSubnet, "10.240.1.10"),
    ];
    await becomes("ssh to a", () => reachable(a.public), true, 60);
    await becomes("ssh to b", () => reachable(b.public), true, 60);
  }, 20 * 60_000);

  afterAll(async () => {
    await api?.close();
    await down({ log });
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  describe("machines", () => {
    test("let the key pair's owner in as Debian's user, who may become root", () => {
      expect(on(a.public, "id -un; sudo id -un; hostname")).toEqual({ code: 0, output: "admin\nroot\nip-10-240-0-10" });
    });

    test("carry out their user data", () => {
      expect(on(a.public, "cat /etc/greeting").output).toBe("I am a");
      expect(on(b.public, "cat /etc/greeting").output).toBe("I am b");
    });

    test("come up without a failed unit", () => {
      expect(on(a.public, "systemctl is-system-running --wait").output).toBe("running");
    });

    test("apply their own kernel settings without complaint", () => {
      expect(on(a.public, "sudo sysctl --quiet --system")).toEqual({ code: 0, output: "" });
    });

    test("lack what a node's scripts must install, and carry what only the lab needs", () => {
      const script = "command -v socat conntrack ipset; ls /etc/kubernetes/kubelet.conf.d /etc/containerd/conf.d";

      expect(on(a.public, script).output).toBe(
        "/etc/containerd/conf.d:\n99-lab.toml\n\n/etc/kubernetes/kubelet.conf.d:\n99-lab.conf",
      );
    });

    test("cannot change settings of the host's kernel", () => {
      const settings = ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"];
      const before = settings.map((name) => readFileSync(`/proc/sys/${name}`, "utf8"));

      const changed = on(
        a.public,
        settings.map((name) => `sudo sh -c 'echo 1 > /proc/sys/${name}' && cat /proc/sys/${name}`).join("\n"),
      );

      expect(changed).toEqual({ code: 0, output: "1\n1\n1" });
      expect(settings.map((name) => readFileSync(`/proc/sys/${name}`, "utf8"))).toEqual(before);
    });
  });

  describe("security groups", () => {
    const ping = { IpProtocol: "icmp", FromPort: 8, ToPort: -1 };

    test("close what no rule opens, within and from outside the VPC", () => {
      expect(pings(a.namespace, b.private)).toBe(false);
      expect(operator(["ping", "-c1", "-W1", a.public]).code).not.toBe(0);
    });

    test("open to members of a group while a rule names it, and not to others", async () => {
      const fromNodes = { ...ping, UserIdGroupPairs: [{ GroupId: nodes }] };
      await rule("authorize", nodes, fromNodes);
      await becomes("ping from a to b", () => pings(a.namespace, b.private), true);

      expect(pings(a.namespace, c.private)).toBe(true);
      expect(operator(["ping", "-c1", "-W1", a.public]).code).not.toBe(0);
      await rule("revoke", nodes, fromNodes);
      await becomes("ping from a to b", () => pings(a.namespace, b.private), false);
    });

    test("open to a block while a rule names it, and to no other", async () => {
      const fromBlock = { ...ping, IpRanges: [{ CidrIp: "10.240.0.0/24" }] };
      await rule("authorize", nodes, fromBlock);
      await becomes("ping from a to b", () => pings(a.namespace, b.private), true);

      expect(pings(c.namespace, b.private)).toBe(false);
      await rule("revoke", nodes, fromBlock);
      await becomes("ping from a to b", () => pings(a.namespace, b.private), false);
    });

    test("keep an open connection when its rule goes, and refuse a new one", async () => {
      const [program = "", ...args] = operatorCommand(["ssh", "-i", key, ...sshOptions(2), `admin@${b.public}`, "cat"]);
      const session = spawn(program, args);
      const echo = async (word: string): Promise<string> => {
        const heard = new Promise<string>((resolve) =>
          session.stdout.once("data", (data: Buffer) => resolve(data.toString())),
        );
        session.stdin.write(word);
        return heard;
      };
      expect(await echo("before")).toBe("before");
      const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, ...operatorOnly };
      await rule("revoke", nodes, ssh);
      await becomes("a new connection", () => reachable(b.public), false);

      expect(await echo("after")).toBe("after");
      session.stdin.end();
      await rule("authorize", nodes, ssh);
      await becomes("a new connection", () => reachable(b.public), true);
    });

    test("are revoked once: a rule that is gone is said to be gone, which Terraform takes as deleted", async () => {
      const gone = { GroupId: nodes, SecurityGroupRuleIds: ["sgr-0123456789abcdef0"] };

      for (const direction of ["ingress", "egress"])
        expect(await api.ask("ec2", `revoke_security_group_${direction}`, gone)).toMatchObject({
          error: "InvalidSecurityGroupRuleId.NotFound",
        });
    });

    test("stop what leaves a machine when egress is revoked", async () => {
      const all = { GroupId: nodes, IpPermissions: [{ IpProtocol: "-1", ...everywhere }] };
      await rule("authorize", nodes, { ...ping, ...everywhere });
      await becomes("ping from a to b", () => pings(a.namespace, b.private), true);
      await api.ec2("revoke_security_group_egress", all);
      await becomes("ping from a to b", () => pings(a.namespace, b.private), false);

      // The resolver and the metadata service are never behind a group.
      expect(within(a.namespace, ["dig", "+time=1", "+tries=1", "+short", "mirror.lab", "@10.240.0.2"]).output).toBe(
        "198.18.0.10",
      );
      await api.ec2("authorize_security_group_egress", all);
      await becomes("ping from a to b", () => pings(a.namespace, b.private), true);
    });
  });

  describe("routes", () => {
    const pods = "10.200.0.0/24";
    const pod = "10.200.0.2";

    beforeAll(() => {
      // A pod on a: a namespace behind a bridge port, as a CNI plugin makes it.
      const made = on(
        a.public,
        `sudo bash -euc '
          ip netns add pod; ip link add pod0 type veth peer name eth0 netns pod
          ip addr add 10.200.0.1/24 dev pod0; ip link set pod0 up; sysctl -qw net.ipv4.ip_forward=1
          ip -n pod link set lo up; ip -n pod addr add ${pod}/24 dev eth0; ip -n pod link set eth0 up
          ip -n pod route add default via 10.200.0.1'`,
      );
      expect(made).toEqual({ code: 0, output: "" });
    });

    test("carry pods only with a route, and only to a machine whose source/destination check is off (FT-16)", async () => {
      expect(pings(b.namespace, pod)).toBe(false);
      await api.ec2("create_route", { RouteTableId: publicTable, DestinationCidrBlock: pods, InstanceId: a.id });
      await becomes("the route", () => status()?.problem === null && routed(), true);
      expect(pings(b.namespace, pod)).toBe(false);

      await api.ec2("modify_instance_attribute", { InstanceId: a.id, SourceDestCheck: { Value: false } });
      await becomes("ping to the pod", () => pings(b.namespace, pod), true);

      await api.ec2("modify_instance_attribute", { InstanceId: a.id, SourceDestCheck: { Value: true } });
      await becomes("ping to the pod", () => pings(b.namespace, pod), false);
      await api.ec2("modify_instance_attribute", { InstanceId: a.id, SourceDestCheck: { Value: false } });
      await becomes("ping to the pod", () => pings(b.namespace, pod), true);
    });

    function routed(): boolean {
      const router = status()?.vpcs[vpc] ?? "";
      return within(router, ["ip", "route", "show", "table", "all"]).output.includes(pods);
    }

    test("belong to a subnet's own table: another subnet does not know the pods", async () => {
      expect(pings(c.namespace, pod)).toBe(false);
      await api.ec2("create_route", { RouteTableId: privateTable, DestinationCidrBlock: pods, InstanceId: a.id });

      await becomes("ping to the pod from the other subnet", () => pings(c.namespace, pod), true);
    });

    test("that are deleted carry nothing any more", async () => {
      await api.ec2("delete_route", { RouteTableId: publicTable, DestinationCidrBlock: pods });

      await becomes("ping to the pod", () => pings(b.namespace, pod), false);
      expect(pings(c.namespace, pod)).toBe(true);
    });

    test("lead a private machine to the internet only through a NAT gateway, as whose address it is seen", async () => {
      const look = (): string =>
        within(c.namespace, [
          "curl",
          "-s",
          "-m",
          "1",
          "-o",
          "/dev/null",
          "-w",
          "%{http_code}",
          "http://198.18.0.2:5000/moto-api/",
        ]).output;
      expect(look()).toBe("000");
      const { AllocationId, PublicIp } = await api.ec2("allocate_address", { Domain: "vpc" });
      const { NatGateway } = await api.ec2("create_nat_gateway", { SubnetId: publicSubnet, AllocationId });
      await api.ec2("create_route", {
        ...{ RouteTableId: privateTable, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId: NatGateway.NatGatewayId },
      });

      await eventually("the API from the private machine", look, (code) => code === "200");
      const seen = await peerOf(
        "198.18.0.10",
        7777,
        () => void within(c.namespace, ["curl", "-s", "-m", "2", "http://198.18.0.10:7777/"]),
      );
      expect(seen).toBe(PublicIp);
      await api.ec2("delete_route", { RouteTableId: privateTable, DestinationCidrBlock: "0.0.0.0/0" });
      await eventually("the API from the private machine", look, (code) => code === "000");
      await api.ec2("delete_nat_gateway", { NatGatewayId: NatGateway.NatGatewayId });
    });
  });

  /** The address from which somebody connects to a port of the lab's internet while `connect` runs. */
  async function peerOf(address: string, port: number, connect: () => void): Promise<string> {
    const script = `import socket
s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(("${address}", ${port})); s.listen(); s.settimeout(10)
print("listening", flush=True); connection, peer = s.accept(); connection.close(); print(peer[0], flush=True)`;
    const [program = "", ...args] = operatorCommand(["python3", "-c", script]);
    const listener = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const heard = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
      await heard.next();
      connect();
      return String((await heard.next()).value);
    } finally {
      listener.kill();
    }
  }

  describe("metadata", () => {
    const put =
      'curl -s -m 2 -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token';
    const get = (path: string): string =>
      `curl -s -m 2 -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/${path}; echo`;

    test("tell a machine of itself, for a token", () => {
      const script = [
        `token=$(${put})`,
        ...["instance-id", "local-ipv4", "public-ipv4", "placement/availability-zone"].map((path) =>
          get(`meta-data/${path}`),
        ),
      ];

      expect(on(a.public, script.join("\n")).output).toBe([a.id, a.private, a.public, "us-east-1a"].join("\n"));
    });

    test("refuse without a token, and with another machine's", () => {
      const token = on(b.public, put).output;
      const code = (header: string): string =>
        on(a.public, `curl -s -o /dev/null -w '%{http_code}' ${header} http://169.254.169.254/latest/meta-data/`)
          .output;

      expect(code("")).toBe("401");
      expect(code(`-H 'X-aws-ec2-metadata-token: ${token}'`)).toBe("401");
    });

    test("reach no further than the hop limit", async () => {
      const fromPod = (): Outcome =>
        on(
          a.public,
          `sudo iptables -t nat -C POSTROUTING -s 10.200.0.0/24 -j MASQUERADE 2>/dev/null ||
          sudo iptables -t nat -A POSTROUTING -s 10.200.0.0/24 -j MASQUERADE
          sudo ip netns exec pod ${put} | wc -c`,
        );

      expect(fromPod().output).toBe("0");
      await api.ec2("modify_instance_metadata_options", {
        ...{ InstanceId: a.id, HttpPutResponseHopLimit: 2, HttpTokens: "required", HttpEndpoint: "enabled" },
      });
      await eventually(
        "the token in the pod",
        () => Number(fromPod().output),
        (length) => length > 20,
      );
    });
  });

  describe("names", () => {
    test("of machines lead to private addresses inside and to public ones outside", () => {
      const dotted = a.public.replaceAll(".", "-");

      expect(on(b.public, "getent hosts ip-10-240-0-10.ec2.internal").output).toContain(a.private);
      expect(on(b.public, `getent hosts ec2-${dotted}.compute-1.amazonaws.com`).output).toContain(a.private);
      expect(operator(["getent", "hosts", `ec2-${dotted}.compute-1.amazonaws.com`]).output).toContain(a.public);
    });

    test("that nobody knows are answered, with no and not by silence", () => {
      const ask = ["dig", "+time=10", "+tries=1", "www.example.com"];

      expect(within(b.namespace, [...ask, "@10.240.0.2"]).output).toContain("status: NXDOMAIN");
      expect(operator([...ask, "@198.18.0.2"]).output).toContain("status: NXDOMAIN");
      expect(on(b.public, "getent hosts www.example.com").code).toBe(2);
      expect(operator(["getent", "hosts", "www.example.com"]).code).toBe(2);
    });
  });

  describe("a network load balancer", () => {
    let arn: string, group: string, name: string, listener: string;
    const port = 6443;

    /** An HTTPS server that says where it is and who asks. */
    const server = `
cd /tmp; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=api 2>/dev/null
cat > server.py <<'PY'
import http.server, ssl, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (socket.gethostname() + " " + self.client_address[0]).encode() * (5000 if self.path == "/long" else 1)
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("", ${port}), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True); server.serve_forever()
PY
sudo systemd-run --quiet --unit api --working-directory=/tmp python3 /tmp/server.py`;

    const curl = ["curl", "-sk", "-m", "2"];
    const fromOperator = (): string => operator([...curl, `https://${name}:${port}/`]).output;
    const states = async (): Promise<Record<string, string>> => {
      const rows = (await api.elb("describe_target_health", { TargetGroupArn: group })).TargetHealthDescriptions;
      return Object.fromEntries(
        rows.map((row: { Target: { Id: string }; TargetHealth: { State: string } }) => [
          row.Target.Id,
          row.TargetHealth.State,
        ]),
      );
    };
    const healthy = (address: string, wanted: string): Promise<unknown> =>
      eventually(`${address} to be ${wanted}`, states, (seen) => seen[address] === wanted, 30);

    beforeAll(async () => {
      for (const machine of [a, b]) expect(on(machine.public, server)).toEqual({ code: 0, output: "" });
      await rule("authorize", nodes, {
        IpProtocol: "tcp",
        FromPort: port,
        ToPort: port,
        UserIdGroupPairs: [{ GroupId: balancers }],
      });
      const made = await api.elb("create_load_balancer", {
        ...{ Name: "api", Type: "network", Subnets: [publicSubnet], SecurityGroups: [balancers] },
      });
      ({ LoadBalancerArn: arn, DNSName: name } = made.LoadBalancers[0]);
      group = await targetGroup("api", "ip");
      listener = await listen(arn, group);
      await api.elb("register_targets", { TargetGroupArn: group, Targets: [a, b].map((row) => ({ Id: row.private })) });
    }, 60_000);

    async function targetGroup(called: string, type: string): Promise<string> {
      const { TargetGroups } = await api.elb("create_target_group", {
        ...{ Name: called, Protocol: "TCP", Port: port, VpcId: vpc, TargetType: type },
        ...{ HealthCheckProtocol: "HTTPS", HealthCheckPath: "/readyz", HealthCheckIntervalSeconds: 5 },
        ...{ HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2, UnhealthyThresholdCount: 2 },
      });
      return TargetGroups[0].TargetGroupArn;
    }

    async function listen(balancer: string, to: string): Promise<string> {
      const { Listeners } = await api.elb("create_listener", {
        ...{ LoadBalancerArn: balancer, Protocol: "TCP", Port: port },
        DefaultActions: [{ Type: "forward", TargetGroupArn: to }],
      });
      return Listeners[0].ListenerArn;
    }

    test("has one name with one public address, everywhere", async () => {
      const asked = (): string => operator(["dig", "+short", name]).output;
      const outside = await eventually("the name", asked, (answer) => answer !== "");

      expect(outside).toMatch(/^203\.0\.113\.\d+$/);
      expect(on(a.public, `getent hosts ${name}`).output).toContain(outside);
    });

    test("lets in only whom its own group lets in, and forwards to healthy targets, which see the balancer (FT-14)", async () => {
      await healthy(a.private, "healthy");
      await healthy(b.private, "healthy");
      expect(fromOperator()).toBe("");

      const open = { IpProtocol: "tcp", FromPort: port, ToPort: port, ...operatorOnly };
      await rule("authorize", balancers, open);
      await eventually("an answer", fromOperator, (said) => said !== "");
      const answers = new Set(Array.from({ length: 20 }, fromOperator));
      expect([...answers].map((answer) => answer.split(" ")[0]).sort()).toEqual(["ip-10-240-0-10", "ip-10-240-0-20"]);
      const peers = new Set([...answers].map((answer) => answer.split(" ")[1]));
      expect(
        [...peers].every((peer) => peer?.startsWith("10.240.0.") && peer !== a.private && peer !== b.private),
      ).toBe(true);
    });

    test("sends a machine of its own VPC round by the internet, from its public address", async () => {
      const fromNode = (): string => on(a.public, `curl -sk -m 2 https://${name}:${port}/`).output;
      expect(fromNode()).toBe("");
      const open = { IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp: `${a.public}/32` }] };
      await rule("authorize", balancers, open);

      await eventually("an answer to the node", fromNode, (said) => said.startsWith("ip-10-240-0-"));
      await rule("revoke", balancers, open);
    });

    test("lets machines ask and answers them at length, though their frames are larger than the internet's, also behind a NAT gateway", async () => {
      const { AllocationId, PublicIp } = await api.ec2("allocate_address", { Domain: "vpc" });
      const { NatGateway } = await api.ec2("create_nat_gateway", { SubnetId: publicSubnet, AllocationId });
      await api.ec2("create_route", {
        ...{ RouteTableId: privateTable, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId: NatGateway.NatGatewayId },
      });
      const open = {
        ...{ IpProtocol: "tcp", FromPort: port, ToPort: port },
        IpRanges: [{ CidrIp: `${a.public}/32` }, { CidrIp: `${PublicIp}/32` }],
      };
      await rule("authorize", balancers, open);
      const address = operator(["dig", "+short", name]).output;
      const length = ({ namespace }: Machine): number =>
        within(namespace, [...curl, "-m", "5", "-H", `Long: ${"x".repeat(9000)}`, `https://${address}:${port}/long`])
          .output.length;

      for (const machine of [a, c])
        await eventually(
          "a long answer",
          () => length(machine),
          (bytes) => bytes > 100_000,
          20,
        );
      await rule("revoke", balancers, open);
      await api.ec2("delete_route", { RouteTableId: privateTable, DestinationCidrBlock: "0.0.0.0/0" });
      await api.ec2("delete_nat_gateway", { NatGatewayId: NatGateway.NatGatewayId });
    });

    test("leaves a target that fails its checks out, and takes it in again", async () => {
      on(a.public, "sudo systemctl stop api");
      await healthy(a.private, "unhealthy");
      await eventually(
        "the other target",
        () => new Set(Array.from({ length: 8 }, fromOperator)),
        (said) => said.size === 1 && [...said][0]!.startsWith("ip-10-240-0-20"),
      );

      on(a.public, "sudo systemd-run --quiet --unit api --working-directory=/tmp python3 /tmp/server.py");
      await healthy(a.private, "healthy");
    });

    test("fails open: with no healthy target everyone gets flows", async () => {
      await api.elb("modify_target_group", {
        TargetGroupArn: group,
        HealthCheckPath: "/",
        Matcher: { HttpCode: "204" },
      });
      await healthy(a.private, "unhealthy");
      await healthy(b.private, "unhealthy");

      expect(fromOperator()).toMatch(/^ip-10-240-0-/);
      await api.elb("modify_target_group", {
        TargetGroupArn: group,
        HealthCheckPath: "/readyz",
        Matcher: { HttpCode: "200" },
      });
      await healthy(a.private, "healthy");
    });

    test("that keeps client addresses gives a machine no answer from itself (LD-10)", async () => {
      const instances = await targetGroup("by-instance", "instance");
      await api.elb("register_targets", { TargetGroupArn: instances, Targets: [{ Id: a.id }] });
      const inward = await api.elb("create_load_balancer", {
        ...{
          Name: "inward",
          Type: "network",
          Scheme: "internal",
          Subnets: [publicSubnet],
          SecurityGroups: [balancers],
        },
      });
      const { DNSName, LoadBalancerArn } = inward.LoadBalancers[0];
      await listen(LoadBalancerArn, instances);
      const open = { IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp: "10.240.0.0/16" }] };
      await rule("authorize", balancers, open);
      const ask = (machine: Machine): string => on(machine.public, `curl -sk -m 2 https://${DNSName}:${port}/`).output;

      await eventually(
        "b's answer through the balancer",
        () => ask(b),
        (said) => said === `ip-10-240-0-10 ${b.private}`,
        20,
      );
      expect(ask(a)).toBe("");
      expect(operator(["dig", "+short", DNSName]).output).toMatch(/^10\.240\.0\.\d+$/);
      await api.elb("delete_load_balancer", { LoadBalancerArn });
    });

    test("gives its addresses back when it is deleted", async () => {
      const publicAddress = operator(["dig", "+short", name]).output;
      await api.elb("delete_listener", { ListenerArn: listener });
      await api.elb("delete_load_balancer", { LoadBalancerArn: arn });

      await becomes("the name", () => operator(["dig", "+short", name]).output === "", true);
      expect(operator(["ip", "route", "get", publicAddress]).code).not.toBe(0);
      const { NetworkInterfaces } = await api.ec2("describe_network_interfaces");
      expect(
        NetworkInterfaces.filter((row: { InterfaceType: string }) => row.InterfaceType === "network_load_balancer"),
      ).toEqual([]);
    });
  });

  describe("the life of a machine", () => {
    test("goes on after a reboot, with its disk and without its former network state", async () => {
      on(
        b.public,
        "sudo touch /var/kept; sudo ip link add vx0 type vxlan id 1 dstport 4789; sudo iptables -A INPUT -p udp -j DROP",
      );
      const before = on(b.public, "cat /proc/sys/kernel/random/boot_id; ps -o lstart= 1").output;
      await api.ec2("reboot_instances", { InstanceIds: [b.id] });

      await becomes(
        "another first process",
        () => {
          const now = on(b.public, "cat /proc/sys/kernel/random/boot_id; ps -o lstart= 1");
          return now.code === 0 && now.output !== before;
        },
        true,
        60,
      );
      expect(on(b.public, "ls /var/kept; ip -br link show type vxlan; sudo iptables -S INPUT").output).toBe(
        "/var/kept\n-P INPUT ACCEPT",
      );
    });

    test("goes on when it reboots itself", async () => {
      const before = on(b.public, "ps -o lstart= 1").output;
      on(b.public, "sudo systemctl reboot");

      await becomes(
        "another first process",
        () => {
          const now = on(b.public, "ps -o lstart= 1");
          return now.code === 0 && now.output !== before;
        },
        true,
        60,
      );
    });

    test("rests while stopped; its routes lead nowhere; it starts with its disk and another public address", async () => {
      await api.ec2("stop_instances", { InstanceIds: [b.id] });
      await becomes("the machine to rest", () => machine(b.id)?.state === "stopped", true, 60);
      expect(pings(a.namespace, b.private)).toBe(false);

      await api.ec2("start_instances", { InstanceIds: [b.id] });
      const { Reservations } = await api.ec2("describe_instances", { InstanceIds: [b.id] });
      const address: string = Reservations[0].Instances[0].PublicIpAddress;
      await becomes("ssh to its new address", () => reachable(address), true, 60);
      expect(on(address, "ls /var/kept").code).toBe(0);
      b = { ...b, public: address };
    });

    test("ends as stopped when it switches itself off, and the API says so", async () => {
      on(b.public, "sudo systemctl poweroff");

      await eventually(
        "the API's word",
        async () =>
          (await api.ec2("describe_instances", { InstanceIds: [b.id] })).Reservations[0].Instances[0].State.Name,
        (state) => state === "stopped",
        60,
      );
      expect(machine(b.id)?.problem).toBeNull();
    });

    test("that died is shown as dead", async () => {
      const folders = join(stateFolder, "machines", c.id);
      expect(existsSync(folders)).toBe(true);
      const nspawn = spawnSync("pgrep", ["--full", `systemd-nspawn.*--machine=lab-${c.id}`], {
        encoding: "utf8",
      }).stdout.split("\n")[0];
      process.kill(Number(nspawn), "SIGKILL");

      await becomes("the machine to be dead", () => machine(c.id)?.state === "died", true, 30);
      expect(machine(c.id)?.problem).toMatch(/the machine died with exit/);
    });

    test("ends with termination: no disk, no process, no namespace", async () => {
      await api.ec2("terminate_instances", { InstanceIds: [b.id, c.id] });

      await becomes("the machines to go", () => !machine(b.id) && !machine(c.id), true, 30);
      for (const gone of [b, c]) {
        expect(existsSync(join(stateFolder, "machines", gone.id))).toBe(false);
        expect(existsSync(join("/run/netns", gone.namespace))).toBe(false);
      }
    });
  });

  describe("the account", () => {
    test("refuses what it cannot do, in a way that no SDK tries again", async () => {
      const said = await api.ask("ec2", "describe_instance_topology");

      expect(said.error).toBe("UnsupportedOperation");
      expect(said.message).toMatch(/the lab's AWS API cannot do ec2 DescribeInstanceTopology/);
      expect(said.status).toBe(400);
    });

    test("refuses what AWS refuses", async () => {
      const launch = (change: object): Promise<{ error?: string }> =>
        api.ask("ec2", "run_instances", {
          ...{ ImageId: image, InstanceType: "t3.small", MinCount: 1, MaxCount: 1, SubnetId: publicSubnet },
          ...change,
        });

      expect((await launch({ PrivateIpAddress: "10.240.0.1" })).error).toBe("InvalidParameterValue");
      expect((await launch({ PrivateIpAddress: a.private })).error).toBe("InvalidIPAddress.InUse");
      expect((await launch({ InstanceType: "t9.bogus" })).error).toBe("InvalidInstanceType.NotFound");
      expect((await launch({ ImageId: "ami-0123456789abcdef0" })).error).toBe("InvalidAMIID.NotFound");
      expect((await launch({ KeyName: "nobody" })).error).toBe("InvalidKeyPair.NotFound");
    });
  });

  describe("up and down", () => {
    test("a second lab is refused with the first one's owner and the cure", async () => {
      await expect(up({ owner: "/somebody/else", log })).rejects.toThrow(
        `the lab of ${testsOwner} already runs (process ${status()?.pid}), and a machine has one; end it with: npm run down`,
      );
    });

    test("npm start refuses a lab that is not its own, before it makes anything", () => {
      const folder = join(projectFolder, "lab", "commands", "start.ts");
      const started = spawnSync(process.execPath, ["--import", "tsx", folder], { encoding: "utf8" });

      expect(started.status).toBe(1);
      expect(started.stdout).toBe("");
      expect(started.stderr.trim()).toMatch(
        new RegExp(`^error: the lab of ${testsOwner} already runs .*npm run down$`),
      );
    });

    test("what the operator left running ends with the lab: asked first, and killed when it does not listen", async () => {
      const leave = (script: string): Promise<NodeJS.Signals | null> => {
        const [program = "", ...args] = operatorCommand(["bash", "-c", script]);
        const left = spawn(program, args, { stdio: "ignore", detached: true });
        return new Promise((resolve) => left.on("exit", (_, signal) => resolve(signal)));
      };
      const before = findLeftovers().visitors.length;
      const ended = [leave("exec sleep 600"), leave("trap '' TERM; exec sleep 600")];
      await eventually(
        "both to run",
        () => findLeftovers().visitors.filter((pid) => read(`/proc/${pid}/cmdline`).startsWith("sleep")).length,
        (count) => count === 2,
      );
      expect(findLeftovers().visitors).toHaveLength(before + 2);

      await down({ log });

      expect(await Promise.all(ended)).toEqual(["SIGTERM", "SIGKILL"]);
      expect(lines).toContain(`taking down the lab of ${testsOwner}`);
      expect(isNothing(findLeftovers())).toBe(true);
      await up({ owner: testsOwner, log });
    });

    test("what a killed lab left is named, refused and taken away, and down is safe to repeat", async () => {
      process.kill(status()!.pid, "SIGKILL");
      await becomes("the lab to be dead", () => status()?.phase === "dead", true);
      await expect(up({ owner: testsOwner, log })).rejects.toThrow(
        /a former lab is in the way: .*lab-internet.*remove it with: npm run down/,
      );

      await down({ log });
      await down({ log });

      expect(isNothing(findLeftovers())).toBe(true);
      expect(status()).toBeUndefined();
      expect(spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout).not.toContain("lab-");
      expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(stateFolder);
      expect(spawnSync("find", ["/sys/fs/cgroup", "-name", "lab-*"], { encoding: "utf8" }).stdout).toBe("");
    });

    test.each(["SIGINT", "SIGTERM"] as const)("%s in the middle of up takes everything down again", async (signal) => {
      const started = spawn(process.execPath, ["--import", "tsx", join(__dirname, "../../../lab/lab.ts"), "up"]);
      const said: string[] = [];
      started.stderr.on("data", (data: Buffer) => said.push(data.toString()));
      const ended = new Promise<number | null>((resolve) => started.on("exit", resolve));
      await becomes("the API to start", () => said.join("").includes("starting the AWS API"), true, 60);
      started.kill(signal);

      expect(await ended).toBe(signal === "SIGINT" ? 130 : 143);
      expect(said.join("")).toContain("the lab is down");
      expect(isNothing(findLeftovers())).toBe(true);
    });

    test.each(["SIGINT", "SIGTERM"] as const)(
      "%s to npm test takes down the lab that its tests are in",
      async (signal) => {
        const started = spawn("npm", ["test", "--", "lab"], { cwd: projectFolder, detached: true });
        const said: string[] = [];
        for (const stream of [started.stdout, started.stderr])
          stream.on("data", (data: Buffer) => said.push(data.toString()));
        const ended = new Promise<number | null>((resolve) => started.on("close", resolve));
        try {
          await becomes("its lab to be up", () => status()?.phase === "ready", true, 90);
        } catch (error) {
          started.kill("SIGTERM");
          await ended;
          throw error;
        }

        // A terminal tells all of them at once, and npm tells it on; whoever ends a job tells npm alone.
        process.kill(signal === "SIGINT" ? -started.pid! : started.pid!, signal);

        // Not before everybody is gone who could still print something.
        expect(await ended).toBe(signal === "SIGINT" ? 130 : 143);
        expect(said.join("")).toContain("the lab is down");
        expect(said.join("")).toContain(`error: ended by ${signal}`);
        expect(isNothing(findLeftovers())).toBe(true);
      },
      5 * 60_000,
    );
  });
});
