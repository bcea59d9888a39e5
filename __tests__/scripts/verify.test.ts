import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { ScratchMachine, scripts, type Variables } from "./support/machine";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

let machine: ScratchMachine;
beforeEach(() => {
  machine = new ScratchMachine();
});
afterEach(() => machine.remove());

/** Runs a check as by hand, on the scratch machine. */
function check(
  name: string,
  args: readonly string[] = [],
  extra: Variables = {},
): Promise<{ status: number | null; said: string }> {
  const env = {
    HOME: machine.root,
    PATH: process.env["PATH"] ?? "",
    ROOT: machine.root,
    COMMANDS: join(machine.root, "commands"),
    PATIENCE_SECONDS: "0",
    ...extra,
  };
  return new Promise((resolve, reject) => {
    const child = spawn("bash", [join(scripts, "verify", `${name}.sh`), ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.on("data", (data: Buffer) => (said += data.toString()));
    child.stderr.on("data", (data: Buffer) => (said += data.toString()));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, said }));
  });
}

const program = (name: string, lines: string): void =>
  machine.write(`usr/local/bin/${name}`, `#!/usr/bin/env bash\n${lines}\n`, 0o755);

describe("etcd.sh", () => {
  // The three lines that the author of the guide saw; the numbers follow from addresses and token.
  const members = [
    "3a57933972cb5131, started, controller-2, https://10.240.0.12:2380, https://10.240.0.12:2379, false",
    "f98dc20bce6225a0, started, controller-0, https://10.240.0.10:2380, https://10.240.0.10:2379, false",
    "ffed16798470cab5, started, controller-1, https://10.240.0.11:2380, https://10.240.0.11:2379, false",
  ];

  beforeEach(() => {
    machine.write("etc/etcd/etcdctl.env", "ETCDCTL_ENDPOINTS=https://127.0.0.1:2379\n");
    machine.write(
      "etc/kubernetes/etcd.env",
      "ETCD_CLUSTER_TOKEN='etcd-cluster-0'\nETCD_INITIAL_CLUSTER='controller-0=https://10.240.0.10:2380," +
        "controller-1=https://10.240.0.11:2380,controller-2=https://10.240.0.12:2380'\n",
    );
    machine.write("commands/members", `${members.join("\n")}\n`);
    program(
      "etcdctl",
      `case "$*" in
  "member list") cat "$COMMANDS/members" ;;
  *--endpoints=*) echo "conflicting environment variable ETCDCTL_ENDPOINTS" >&2 && exit 1 ;;
  "endpoint health") if [[ $ETCDCTL_ENDPOINTS == "\${DEAD:-nobody}" ]]; then echo "Error: unhealthy cluster" >&2 && exit 1; fi ;;
esac`,
    );
  });

  test("prints the member list as the guide has it, and finds nothing wrong (FT-30, FT-57, S1-37, S1-38)", async () => {
    const { status, said } = await check("etcd");

    expect(status).toBe(0);
    expect(said.split("\n").slice(0, 3)).toEqual(members);
    expect(said.split("\n").slice(3)).toEqual([
      "ok      controller-0 is a started member at https://10.240.0.10:2380",
      "ok      controller-1 is a started member at https://10.240.0.11:2380",
      "ok      controller-2 is a started member at https://10.240.0.12:2380",
      "ok      controller-2 answers at https://10.240.0.12:2379",
      "ok      controller-0 answers at https://10.240.0.10:2379",
      "ok      controller-1 answers at https://10.240.0.11:2379",
      "",
    ]);
  });

  test("fails for a member that does not answer", async () => {
    const { status, said } = await check("etcd", [], { DEAD: "https://10.240.0.11:2379" });

    expect(status).toBe(1);
    expect(said).toContain(
      "FAILED  controller-1 does not answer at https://10.240.0.11:2379: Error: unhealthy cluster; see journalctl -u etcd there\n",
    );
  });

  test("fails for a member that is missing", async () => {
    machine.write("commands/members", `${members.slice(0, 2).join("\n")}\n`);
    const { status, said } = await check("etcd");

    expect(status).toBe(1);
    expect(said).toContain(
      "FAILED  controller-1 is no member: https://10.240.0.11:2380; see journalctl -u etcd there\n",
    );
    expect(said).toContain("FAILED  2 members: expected 3, ");
  });

  test("tells a member that was added later from those of the first hour", async () => {
    machine.write("commands/members", `${members.join("\n").replace("ffed16798470cab5", "1234")}\n`);
    const { status, said } = await check("etcd");

    expect(status).toBe(0);
    expect(said).toContain("controller-1 has the number 1234 and not ffed16798470cab5, so it was added later\n");
  });

  test("fails on a machine that is no controller", async () => {
    machine.write("etc/etcd/etcdctl.env", "", 0o600);
    program("etcdctl", "echo 'Error: dial tcp 127.0.0.1:2379: connect: connection refused' >&2; exit 1");

    expect(await check("etcd")).toMatchObject({
      status: 1,
      said: expect.stringContaining("connection refused; see journalctl -u etcd\n") as string,
    });
  });
});

describe("health.sh", () => {
  const site = "etc/nginx/sites-enabled/kubernetes.default.svc.cluster.local";
  // Port 80 of this machine is not ours: what curl would say of it.
  const answers = (lines: string, status = 0): void =>
    machine.write("commands/curl", `#!/bin/sh\nprintf '${lines}'\nexit ${status}\n`, 0o755);
  const asked = () => check("health", [], { PATH: `${machine.root}/commands:${process.env["PATH"]}` });

  test("prints what the author of the guide saw, and finds nothing wrong (FT-38, FT-57, S1-77)", async () => {
    machine.write(site, "");
    answers("HTTP/1.1 200 OK\\r\\nServer: nginx/1.22.1\\r\\n\\r\\nok");

    expect(await asked()).toEqual({
      status: 0,
      said:
        "HTTP/1.1 200 OK\nServer: nginx/1.22.1\n\nok\n" +
        "ok      http://127.0.0.1/healthz leads to an API server that is well\n",
    });
  });

  test("fails for an API server that is not there (FT-38, FT-57)", async () => {
    machine.write(site, "");
    answers("HTTP/1.1 502 Bad Gateway\\r\\n\\r\\n<html>");

    const { status, said } = await asked();
    expect(status).toBe(1);
    expect(said).toMatch(/^FAILED {2}\S+ answers HTTP\/1.1 502 Bad Gateway, expected HTTP\/1.1 200 OK and ok; see /m);
  });

  test("asks the API server itself where there is no nginx (FT-12, FT-57)", async () => {
    machine.write("var/lib/kubernetes/ca.pem", "");
    answers("HTTP/1.1 200 OK\\r\\nAudit-Id: 1\\r\\n\\r\\nok");
    expect(await asked()).toEqual({
      status: 0,
      said:
        "HTTP/1.1 200 OK\nAudit-Id: 1\n\nok\n" +
        "ok      https://127.0.0.1:6443/readyz leads to an API server that is well\n",
    });

    answers("curl: (7) Failed to connect to 127.0.0.1 port 6443", 7);
    expect(await asked()).toMatchObject({
      status: 1,
      said: expect.stringMatching(
        /^FAILED {2}kube-apiserver does not answer: curl: \(7\) .*; see journalctl -u kube-apiserver$/m,
      ) as string,
    });
  });

  test("fails for nginx that does not answer, and on a machine that is no controller (FT-57)", async () => {
    expect((await asked()).said).toMatch(/^FAILED {2}no \S+ca\.pem here; run this on a controller$/m);
    machine.write(site, "");
    answers("curl: (7) Failed to connect to 127.0.0.1 port 80", 7);
    expect(await asked()).toMatchObject({
      status: 1,
      said: expect.stringMatching(
        /^FAILED {2}nginx does not answer: curl: \(7\) .*; see journalctl -u nginx$/m,
      ) as string,
    });
  });
});

describe("nodes.sh", () => {
  beforeEach(() => {
    program(
      "kubectl",
      `[[ $1 == --kubeconfig=* ]] || exit 9
case "$*" in
  *"get --raw=/readyz") echo ok ;;
  *"version --output=json") [[ -z \${MUTE:-} ]] || { echo "Unable to connect to the server: EOF" >&2; exit 1; }; printf '{\\n  "clientVersion": {\\n    "gitVersion": "v1.36.1"\\n  },\\n  "serverVersion": {\\n    "gitVersion": "v1.36.3"\\n  }\\n}\\n' ;;
  *"get nodes --output=jsonpath"*) printf '%b' "$NODES" ;;
  *"get node "*Ready*].message*) printf 'cni config uninitialized' ;;
  *"get node "*Ready*) printf '%s' "\${READY-True}" ;;
  *"get node "*kubeletVersion*) printf '%s' "\${KUBELET:-v1.36.3}" ;;
  *"get node "*) [[ -z \${ABSENT:-} ]] ;;
esac`,
    );
  });

  test("finds every node Ready in the version of the control plane (FT-47, FT-57)", async () => {
    expect(await check("nodes", ["worker-0", "worker-1"])).toEqual({
      status: 0,
      said:
        "ok      the API on this controller is ready\n" +
        "ok      worker-0 is Ready, version v1.36.3\n" +
        "ok      worker-1 is Ready, version v1.36.3\n",
    });
  });

  test.each(["v1.36.1", "v1.35.4", "v1.33.13"])(
    "takes a worker that has a version of its own, %s (F-02, FT-47)",
    async (version) => {
      expect(await check("nodes", ["worker-0"], { KUBELET: version })).toEqual({
        status: 0,
        said:
          "ok      the API on this controller is ready\n" +
          `ok      worker-0 is Ready, version ${version}; the API server is v1.36.3\n`,
      });
    },
  );

  test.each(["v1.36.3", "1.36.3"])("takes nodes of the one version that is wanted, %s (FT-47)", async (wanted) => {
    expect(await check("nodes", ["worker-0"], { VERSION: wanted })).toMatchObject({ status: 0 });

    const { status, said } = await check("nodes", ["worker-0"], { VERSION: wanted, KUBELET: "v1.36.1" });
    expect(status).toBe(1);
    expect(said).toMatch(
      /^FAILED {2}worker-0 runs kubelet v1\.36\.1: v1\.36\.3 is wanted; set its kubernetesVersion and apply, /m,
    );
  });

  test("fails when the API does not tell its version, with what it says (FT-47)", async () => {
    const { status, said } = await check("nodes", ["worker-0"], { MUTE: "yes" });

    expect(status).toBe(1);
    expect(said).toMatch(
      /FAILED {2}the API does not tell its version: Unable to connect to the server: EOF; see journalctl -u kube-apiserver\nerror: nodes.sh /,
    );
  });

  test("fails when no node has registered, and says where to look (F-13, FT-47)", async () => {
    const { status, said } = await check("nodes", [], { NODES: "" });

    expect(status).toBe(1);
    expect(said).toMatch(/FAILED {2}no node has registered: .*journalctl -u kubelet, and that port 6443/);
  });

  test.each<[string, Variables, RegExp]>([
    [
      "is not Ready",
      { READY: "False" },
      /worker-0 is not Ready: cni config uninitialized; see journalctl -u kubelet there\n/,
    ],
    ["is absent", { READY: "", ABSENT: "yes" }, /worker-0 has not registered: its kubelet does not reach the API; /],
    ["has a newer version", { KUBELET: "v1.37.0" }, /worker-0 runs kubelet v1.37.0: the API server is v1.36.3, /],
    ["has a version that is too old", { KUBELET: "v1.32.13" }, /worker-0 runs kubelet v1.32.13: the API server is /],
    ["tells no version", { KUBELET: "unknown" }, /worker-0 runs kubelet unknown: /],
  ])("fails when a node %s (FT-47)", async (_, extra, expected) => {
    const { status, said } = await check("nodes", [], { NODES: "worker-0\\n", ...extra });

    expect(status).toBe(1);
    expect(said).toMatch(expected);
    expect(said).toMatch(/error: nodes.sh on \S+: 1 of the checks above failed\n$/);
  });
});

describe("smoke.sh", () => {
  const server = createServer((request, response) => {
    const message = new URL(request.url ?? "/", "http://localhost").searchParams.get("msg") ?? "";
    machine.write("commands/log", `GET /echo?msg=${message}\n`);
    response.end(message);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const checks = ["secret", "deployment", "port-forward", "logs", "exec", "dns", "NodePort"];
  const calls = (): string[] => machine.calls().map((call) => call.replaceAll(/smoke-\d+-\d+/g, "smoke"));

  // A pod whose echo is a server of this test.
  beforeEach(() => {
    const { port } = server.address() as AddressInfo;
    machine.write("etc/etcd/etcdctl.env", "");
    machine.write("commands/log", "");
    program("etcdctl", `printf '%s' "\${STORED:-k8s:enc:aescbc:v1:key1:}" && printf '\\001\\000\\002'`);
    program(
      "kubectl",
      `printf 'kubectl %s\\n' "\${*:3}" >>"$COMMANDS/calls"
[[ "\${*:3}" != "\${BROKEN:-nothing}"* ]] || { echo "broken" >&2; exit 1; }
case "\${*:3}" in
  "get pods --selector"*) printf web-1 ;;
  "get pods "*) printf 'web-1 is Pending ErrImagePull; ' ;;
  "get pod web-1 "*) printf 127.0.0.1 ;;
  "get service web "*) printf ${port} ;;
  "port-forward"*) echo "Forwarding from 127.0.0.1:${port} -> 8080" && exec sleep 60 ;;
  "logs web-1"*) echo started && cat "$COMMANDS/log" ;;
  "exec web-1 -- nslookup"*) printf 'Server:\\t\\t10.32.0.10\\nAddress:\\t10.32.0.10:53\\n\\nName:\\tkubernetes.default.svc.cluster.local\\nAddress: %s\\n' "\${FOUND:-10.32.0.1}" ;;
  "exec web-1 "*) echo web-1 ;;
  "get service --namespace=default kubernetes"*) printf 10.32.0.1 ;;
  "get service --namespace=kube-system kube-dns"*) printf 10.32.0.10 ;;
esac`,
    );
  });

  test("does the checks of the guide (FT-58, FT-57, S1-119)", async () => {
    const { status, said } = await check("smoke", [], { PATIENCE_SECONDS: "15" });

    expect(said.replaceAll(/127\.0\.0\.1:\d+/g, "ADDRESS")).toBe(
      "ok      secret: etcd holds it as k8s:enc:aescbc:v1:key1:…\n" +
        "ok      deployment: pod web-1 runs on 127.0.0.1\n" +
        "ok      port-forward: the pod answers at ADDRESS\n" +
        "ok      logs: the pod's log has arrived, with our request in it\n" +
        "ok      exec: a command in the pod says that it is web-1\n" +
        "ok      dns: the pod finds kubernetes.default.svc.cluster.local at 10.32.0.1, asking 10.32.0.10\n" +
        "ok      NodePort: the Service answers at ADDRESS\n",
    );
    expect(status).toBe(0);
    expect(calls().at(-1)).toBe("kubectl delete namespace smoke --ignore-not-found --timeout=120s");
  });

  test.each<[string, Variables, RegExp]>([
    ["secret", { STORED: "k8s mydata" }, /^FAILED {2}secret: etcd holds "k8s mydata/m],
    ["port-forward", { BROKEN: "port-forward" }, /^FAILED {2}port-forward: no answer: broken; is socat on 127.0.0.1/m],
    ["logs", { BROKEN: "logs" }, /^FAILED {2}logs: our request is not in them: broken; see the ClusterRole/m],
    [
      "exec",
      { BROKEN: "exec web-1 -- cat" },
      /^FAILED {2}exec: expected the pod's name, got "" broken; see the ClusterRole/m,
    ],
    [
      "dns",
      { FOUND: "10.33.0.1" },
      /^FAILED {2}dns: expected kubernetes.default.svc.cluster.local at 10.32.0.1 from 10.32.0.10, got Server:/m,
    ],
  ])("fails when the check %s does, and still does the others (FT-58, FT-28)", async (name, extra, expected) => {
    const { status, said } = await check("smoke", [], { PATIENCE_SECONDS: "15", ...extra });

    expect(status).toBe(1);
    expect(said).toMatch(expected);
    for (const other of checks.filter((one) => one !== name))
      expect(said).toMatch(new RegExp(`^ok {6}${other}: `, "m"));
  });

  test("removes its namespace, also when the deployment does not come up (FT-58)", async () => {
    const { status, said } = await check("smoke", [], { BROKEN: "rollout status" });

    expect(status).toBe(1);
    expect(said).toMatch(/FAILED {2}deployment: web-1 is Pending ErrImagePull; see kubectl describe pod\n/);
    expect(calls().at(-1)).toBe("kubectl delete namespace smoke --ignore-not-found --timeout=120s");
  });

  test("fails when its namespace stays", async () => {
    const { status, said } = await check("smoke", [], { BROKEN: "delete namespace" });

    expect(status).toBe(1);
    expect(said).toMatch(/FAILED {2}namespace smoke-\d+-\d+ is not gone after 120 s/);
  });
});

// Port 53 is root's.
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
asRoot("dns.sh", () => {
  // Its own loopback address, so that two runs on one machine do not meet at port 53.
  const address = `127.53.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
  const known: Readonly<Record<string, string>> = {
    "kubernetes.default.svc.cluster.local": "10.32.0.1",
    "kube-dns.kube-system.svc.cluster.local": "10.32.0.10",
    "www.example.com": "198.51.100.7",
  };

  /** Answers like CoreDNS: the question again, then a record whose name points at the question. */
  function answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + length).toString());
      at += length + 1;
    }
    const found = known[labels.join(".")];
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...(found ?? "").split(".").map(Number)]);
    const head = Buffer.from([
      query[0] ?? 0,
      query[1] ?? 0,
      0x81,
      found ? 0x80 : 0x83,
      0,
      1,
      0,
      found ? 1 : 0,
      0,
      0,
      0,
      0,
    ]);
    return Buffer.concat([head, query.subarray(12, at + 5), ...(found ? [record] : [])]);
  }

  const udp = createSocket("udp4");
  const tcp = createTcpServer((connection) => {
    connection.on("data", (data) => {
      const reply = answer(data.subarray(2));
      connection.end(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 255]), reply]));
    });
  });
  beforeAll(async () => {
    udp.on("message", (query, from) => udp.send(answer(query), from.port, from.address));
    await new Promise<void>((resolve, reject) => udp.once("error", reject).bind(53, address, resolve));
    await new Promise<void>((resolve, reject) => tcp.once("error", reject).listen(53, address, resolve));
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => udp.close(resolve));
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
  });

  beforeEach(() => {
    program(
      "kubectl",
      `case "$*" in
  *"get service --namespace=default kubernetes"*) printf "\${API:-10.32.0.1}" ;;
  *"get service --namespace=kube-system kube-dns"*) printf 10.32.0.10 ;;
  *"get configmap"*) printf '.:53 {\\n    errors\\n    kubernetes cluster.local in-addr.arpa {\\n' ;;
  *"get endpointslices"*) printf '${address} 10.200.1.3' ;;
esac`,
    );
  });

  const onWorker = (): void => {
    machine.write("var/lib/kubelet/kubeconfig", "");
    machine.write("etc/kubernetes/worker.env", `CLUSTER_DNS='${address}'\nCLUSTER_DOMAIN='cluster.local'\n`);
  };
  const answers =
    `asking ${address}\n` +
    "198.51.100.7\n10.32.0.1\n10.32.0.10\n" +
    "ok      www.example.com is 198.51.100.7, over udp\n" +
    "ok      kubernetes.default.svc.cluster.local is 10.32.0.1, over udp\n" +
    "ok      kube-dns.kube-system.svc.cluster.local is 10.32.0.10, over udp\n" +
    "ok      kubernetes.default.svc.cluster.local is 10.32.0.1, over tcp\n";

  test("a worker asks the Service (F-06, FT-56, FT-57)", async () => {
    onWorker();

    expect(await check("dns", ["www.example.com"])).toEqual({ status: 0, said: answers });
  });

  test("a controller asks a pod (FT-57, S0-18, S0-19)", async () => {
    machine.write("var/lib/kubernetes/admin.kubeconfig", "");

    expect(await check("dns", ["www.example.com"])).toEqual({ status: 0, said: answers });
  });

  test("fails for a name outside of the cluster that does not resolve (LD-01)", async () => {
    onWorker();
    const { status, said } = await check("dns", ["nowhere.example"]);

    expect(status).toBe(1);
    expect(said).toMatch(/^FAILED {2}nowhere.example over udp: no such name; asked 127\.53\.\d+\.\d+, see kubectl/m);
  });

  test("fails for another address than the Service has", async () => {
    onWorker();
    const { status, said } = await check("dns", [], { API: "10.33.0.1" });

    expect(status).toBe(1);
    expect(said).toMatch(
      /^FAILED {2}kubernetes.default.svc.cluster.local over udp: expected 10.33.0.1, got 10.32.0.1$/m,
    );
  });

  test("fails for a server that does not answer, and says so (F-06)", async () => {
    onWorker();
    machine.write("etc/kubernetes/worker.env", "CLUSTER_DNS='127.54.0.11'\nCLUSTER_DOMAIN='cluster.local'\n");
    const { status, said } = await check("dns");

    expect(status).toBe(1);
    expect(said).toMatch(
      /over tcp: no answer over tcp: .*refused; asked 127.54.0.11, .* port 53 is open between nodes and pods$/m,
    );
  });
});
