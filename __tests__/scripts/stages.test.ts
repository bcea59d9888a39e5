import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, ScratchMachine, type Variables } from "./support/machine";
import { type Mirror, releases, startMirror } from "./support/mirror";
import { declaration, environment, prepare, type StageName, stageNames } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

/** A machine on which a stage has run, and what there was to see. */
interface Run {
  readonly machine: ScratchMachine;
  readonly outcome: Outcome;
  readonly tree: readonly string[];
  readonly calls: readonly string[];
}

let mirror: Mirror;
const machines: ScratchMachine[] = [];

async function run(
  stage: StageName,
  changes: Variables = {},
  before?: (machine: ScratchMachine) => void,
): Promise<Run> {
  const machine = new ScratchMachine();
  machines.push(machine);
  prepare(machine, stage, mirror, changes);
  before?.(machine);
  const outcome = await machine.run(stage);
  return { machine, outcome, tree: machine.tree(), calls: machine.calls() };
}

// One machine for each stage; what a test only looks at needs no run of its own.
const first = new Map<StageName, Run>();
const ran = (stage: StageName): Run => first.get(stage) as Run;

beforeAll(async () => {
  mirror = await startMirror();
  for (const stage of stageNames) first.set(stage, await run(stage));
});
afterAll(async () => {
  for (const machine of machines) machine.remove();
  await mirror.stop();
});

const untouched = ["0644 /etc/os-release"];
const fstab = "0644 /etc/fstab";

test.each<[StageName, string[]]>([
  [
    "ssh-host-key",
    [
      fstab,
      "0600 /etc/ssh/cluster_host_key",
      "0644 /etc/ssh/cluster_host_key.pub",
      "0644 /etc/ssh/sshd_config",
      "0644 /etc/ssh/sshd_config.d/10-cluster-host-key.conf",
      "0644 /etc/ssh/sshd_config.d/cloud.conf",
      "0600 /var/log/kubernetes-bootstrap/ssh-host-key.log",
    ],
  ],
  [
    "proxy",
    [
      fstab,
      "0600 /etc/apt/apt.conf.d/30kubernetes-proxy",
      "0600 /etc/kubernetes/proxy.env",
      "0644 /etc/profile.d/kubernetes-proxy.sh",
      "0644 /etc/systemd/system/containerd.service.d/10-proxy.conf",
      "0644 /etc/systemd/system/kubelet.service.d/10-proxy.conf",
      "0644 /usr/local/share/ca-certificates/kubernetes-proxy.crt",
      "0600 /var/lib/kubernetes-bootstrap/proxy-ca.inputs",
      "0600 /var/lib/kubernetes-bootstrap/proxy.inputs",
      "0600 /var/log/kubernetes-bootstrap/proxy.log",
    ],
  ],
  [
    "control-plane-programs",
    [
      fstab,
      "0700 /var/lib/kubernetes-bootstrap/ahead/",
      ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].flatMap((name) => [
        `0700 /var/lib/kubernetes-bootstrap/ahead/${name}`,
        `0644 /var/lib/kubernetes-bootstrap/ahead/${name}.sums`,
      ]),
      "0600 /var/log/kubernetes-bootstrap/control-plane-programs.log",
    ],
  ],
  [
    "worker-programs",
    [
      fstab,
      "0700 /var/lib/kubernetes-bootstrap/ahead/",
      ...["bridge", "host-local", "loopback", "portmap"].map(
        (name) => `0700 /var/lib/kubernetes-bootstrap/ahead/cni-plugins/${name}`,
      ),
      ...["containerd", "containerd-shim-runc-v2", "ctr"].map(
        (name) => `0700 /var/lib/kubernetes-bootstrap/ahead/containerd/${name}`,
      ),
      ...["kube-proxy", "kubectl", "kubelet", "runc"].map((name) => `0700 /var/lib/kubernetes-bootstrap/ahead/${name}`),
      ...["cni-plugins", "containerd", "kube-proxy", "kubectl", "kubelet", "runc"].map(
        (name) => `0644 /var/lib/kubernetes-bootstrap/ahead/${name}.sums`,
      ),
      "0600 /var/log/kubernetes-bootstrap/worker-programs.log",
    ],
  ],
  [
    "etcd",
    [
      fstab,
      "0644 /etc/etcd/ca.pem",
      "0600 /etc/etcd/etcd-key.pem",
      "0644 /etc/etcd/etcd.pem",
      "0644 /etc/etcd/etcdctl.env",
      "0644 /etc/kubernetes/etcd.env",
      "0600 /etc/systemd/system/etcd.service",
      "0755 /usr/local/bin/etcd",
      "0755 /usr/local/bin/etcdctl",
      "0755 /usr/local/bin/etcdutl",
      "0700 /var/lib/etcd/",
      "0600 /var/lib/kubernetes-bootstrap/etcd.inputs",
      "0644 /var/lib/kubernetes-bootstrap/etcd.sums",
      "0600 /var/log/kubernetes-bootstrap/etcd.log",
    ],
  ],
  [
    "control-plane",
    [
      fstab,
      "0600 /etc/kubernetes/config/audit-policy.yaml",
      "0600 /etc/kubernetes/config/authentication.yaml",
      "0600 /etc/kubernetes/config/kube-scheduler.yaml",
      "0644 /etc/kubernetes/control-plane.env",
      "0600 /etc/systemd/system/kube-apiserver.service",
      "0600 /etc/systemd/system/kube-controller-manager.service",
      "0600 /etc/systemd/system/kube-scheduler.service",
      "0700 /home/admin/.kube/",
      "0600 /home/admin/.kube/config",
      "0700 /root/.kube/",
      "0600 /root/.kube/config",
      "0755 /usr/local/bin/etcdctl",
      "0755 /usr/local/bin/kube-apiserver",
      "0755 /usr/local/bin/kube-controller-manager",
      "0755 /usr/local/bin/kube-scheduler",
      "0755 /usr/local/bin/kubectl",
      "0600 /var/lib/kubernetes-bootstrap/kube-apiserver.inputs",
      "0600 /var/lib/kubernetes-bootstrap/kube-controller-manager.inputs",
      "0600 /var/lib/kubernetes-bootstrap/kube-scheduler.inputs",
      "0600 /var/lib/kubernetes/admin.kubeconfig",
      "0600 /var/lib/kubernetes/ca-key.pem",
      "0644 /var/lib/kubernetes/ca.pem",
      "0600 /var/lib/kubernetes/encryption-config.yaml",
      "0644 /var/lib/kubernetes/etcd-ca.pem",
      "0600 /var/lib/kubernetes/etcd-client-key.pem",
      "0644 /var/lib/kubernetes/etcd-client.pem",
      "0644 /var/lib/kubernetes/front-proxy-ca.pem",
      "0600 /var/lib/kubernetes/front-proxy-client-key.pem",
      "0644 /var/lib/kubernetes/front-proxy-client.pem",
      "0600 /var/lib/kubernetes/kube-apiserver-key.pem",
      "0644 /var/lib/kubernetes/kube-apiserver.pem",
      "0600 /var/lib/kubernetes/kube-controller-manager.kubeconfig",
      "0600 /var/lib/kubernetes/kube-scheduler.kubeconfig",
      "0600 /var/lib/kubernetes/kubelet-client-key.pem",
      "0644 /var/lib/kubernetes/kubelet-client.pem",
      "0600 /var/lib/kubernetes/service-account-key.pem",
      "0644 /var/lib/kubernetes/service-account.pem",
      "0600 /var/log/kubernetes-bootstrap/control-plane.log",
    ],
  ],
  [
    "logs",
    [
      fstab,
      "0644 /etc/kubernetes/logs.env",
      "0644 /etc/otelcol/config.yaml",
      "0600 /etc/systemd/system/otelcol.service",
      "0755 /usr/local/bin/otelcol-contrib",
      "0600 /var/lib/kubernetes-bootstrap/otelcol.inputs",
      "0644 /var/lib/kubernetes-bootstrap/otelcol.sums",
      "0700 /var/lib/otelcol/",
      "0600 /var/log/kubernetes-bootstrap/logs.log",
    ],
  ],
  [
    "image-credentials",
    [
      fstab,
      "0644 /etc/kubernetes/image-credential-provider.yaml",
      "0755 /usr/local/bin/ecr-credential-provider",
      "0600 /var/lib/kubernetes-bootstrap/image-credentials.inputs",
      "0600 /var/log/kubernetes-bootstrap/image-credentials.log",
    ],
  ],
  [
    "vxlan",
    [
      fstab,
      "0644 /etc/kubernetes/vxlan.env",
      "0600 /etc/systemd/system/vxlan.service",
      "0755 /usr/local/sbin/vxlan-device",
      "0600 /var/lib/kubernetes-bootstrap/vxlan.inputs",
      "0600 /var/log/kubernetes-bootstrap/vxlan.log",
    ],
  ],
  [
    "rbac",
    [
      fstab,
      "0755 /usr/local/bin/kubectl",
      "0600 /var/lib/kubernetes/admin.kubeconfig",
      "0600 /var/log/kubernetes-bootstrap/rbac.log",
    ],
  ],
  [
    "worker",
    [
      "0600 /etc/cni/net.d/10-bridge.conflist",
      "0600 /etc/cni/net.d/99-loopback.conf",
      "0644 /etc/containerd/certs.d/_default/hosts.toml",
      "0755 /etc/containerd/conf.d/",
      "0644 /etc/containerd/config.toml",
      fstab,
      "0755 /etc/kubernetes/kubelet.conf.d/",
      "0644 /etc/kubernetes/worker.env",
      "0644 /etc/modules-load.d/kubernetes.conf",
      "0644 /etc/sysctl.d/99-kubernetes.conf",
      "0600 /etc/systemd/system/containerd.service",
      "0600 /etc/systemd/system/kube-proxy.service",
      "0600 /etc/systemd/system/kubelet.service",
      "0755 /opt/cni/bin/bridge",
      "0755 /opt/cni/bin/host-local",
      "0755 /opt/cni/bin/loopback",
      "0755 /opt/cni/bin/portmap",
      "0755 /usr/local/bin/containerd",
      "0755 /usr/local/bin/containerd-shim-runc-v2",
      "0755 /usr/local/bin/ctr",
      "0755 /usr/local/bin/kube-proxy",
      "0755 /usr/local/bin/kubectl",
      "0755 /usr/local/bin/kubelet",
      "0755 /usr/local/bin/runc",
      "0600 /var/lib/kube-proxy/kube-proxy-config.yaml",
      "0600 /var/lib/kube-proxy/kubeconfig",
      "0600 /var/lib/kubelet/kubeconfig",
      "0600 /var/lib/kubelet/kubelet-config.yaml",
      "0600 /var/lib/kubelet/worker-0-key.pem",
      "0644 /var/lib/kubelet/worker-0.pem",
      "0644 /var/lib/kubernetes-bootstrap/cni-plugins.sums",
      "0600 /var/lib/kubernetes-bootstrap/containerd.inputs",
      "0644 /var/lib/kubernetes-bootstrap/containerd.sums",
      "0600 /var/lib/kubernetes-bootstrap/kube-proxy.inputs",
      "0600 /var/lib/kubernetes-bootstrap/kubelet.inputs",
      "0644 /var/lib/kubernetes/ca.pem",
      "0600 /var/log/kubernetes-bootstrap/worker.log",
    ],
  ],
  [
    "nodes",
    [
      fstab,
      "0755 /usr/local/bin/kubectl",
      "0600 /var/lib/kubernetes/admin.kubeconfig",
      "0600 /var/log/kubernetes-bootstrap/nodes.log",
    ],
  ],
  [
    "coredns",
    [
      fstab,
      "0755 /usr/local/bin/kubectl",
      "0600 /var/lib/kubernetes/admin.kubeconfig",
      "0600 /var/log/kubernetes-bootstrap/coredns.log",
    ],
  ],
])("%s leaves exactly its files, with their modes (FT-24)", (stage, expected) => {
  const byPath = (one: string, other: string): number => (one.slice(5) < other.slice(5) ? -1 : 1);

  expect(ran(stage).outcome).toMatchObject({ status: 0, errors: [] });
  expect([...ran(stage).tree].sort(byPath)).toEqual([...untouched, ...expected].sort(byPath));
});

test.each(stageNames)(
  "%s changes nothing in a second run, without its uploads and without a mirror (FT-50)",
  async (stage) => {
    const { machine } = ran(stage);
    const before = machine.writtenAt();
    expect(machine.uploaded(stage)).toEqual([]);
    const asked = mirror.requests.length;

    const again = await machine.run(stage);

    expect(again).toMatchObject({ status: 0, errors: [] });
    expect(machine.writtenAt()).toEqual(before);
    expect(
      machine
        .calls()
        .filter((call) => /systemctl (start|stop|enable|mask|daemon)|apt-get|useradd|sysctl|swapoff/.test(call)),
    ).toEqual([]);
    expect(mirror.requests).toHaveLength(asked);
  },
);

test("etcd is started without waiting for a majority, as its own user (FT-30)", () => {
  const { calls } = ran("etcd");

  expect(calls).toEqual([
    "useradd --system --user-group --home-dir /var/lib/etcd --no-create-home --shell /usr/sbin/nologin etcd",
    "chown etcd:etcd /var/lib/etcd",
    expect.stringMatching(/^chown etcd:etcd \/etc\/etcd\/etcd-key.pem\.\w+$/),
    "systemctl show --property=NeedDaemonReload --value etcd.service",
    "systemctl enable --quiet --no-reload etcd.service",
    "systemctl stop etcd.service",
    "systemctl start --no-block etcd.service",
  ]);
});

test("etcdctl's environment file holds all that etcdctl needs (FT-31)", () => {
  const { machine } = ran("etcd");

  expect(machine.read("etc/etcd/etcdctl.env")).toBe(
    "ETCDCTL_ENDPOINTS=https://127.0.0.1:2379\n" +
      "ETCDCTL_CACERT=/etc/etcd/ca.pem\n" +
      "ETCDCTL_CERT=/etc/etcd/etcd.pem\n" +
      "ETCDCTL_KEY=/etc/etcd/etcd-key.pem\n",
  );
});

test("the units read node.env as it came", () => {
  const { machine } = ran("control-plane");

  expect(machine.read("etc/kubernetes/control-plane.env")).toMatch(/^API_ADDRESS='api.example'$/m);
  expect(machine.read("etc/kubernetes/control-plane.env")).not.toMatch(/BEGIN|PRIVATE/);
});

test("root and the login user of a controller have the admin kubeconfig (F-11, FT-39)", () => {
  const { machine, calls } = ran("control-plane");

  expect(machine.read("root/.kube/config")).toBe("content of admin.kubeconfig\n");
  expect(machine.read("home/admin/.kube/config")).toBe("content of admin.kubeconfig\n");
  expect(calls).toContain("chown admin:admin /home/admin/.kube");
});

test("kubeconfigs lie where their programs look for them (F-17, FT-26)", () => {
  const { machine } = ran("worker");

  expect(machine.read("var/lib/kubelet/kubeconfig")).toBe("content of kubelet.kubeconfig\n");
  expect(machine.read("var/lib/kube-proxy/kubeconfig")).toBe("content of kube-proxy.kubeconfig\n");
});

test.each<StageName>(["worker", "control-plane"])(
  "%s takes the device of an overlay away that pods no longer use (FT-54)",
  async (stage) => {
    const machine = new ScratchMachine();
    machines.push(machine);
    prepare(machine, "vxlan", mirror);
    await machine.run("vxlan");
    machine.write("sys/class/net/vxlan0/mtu", "8951\n");
    prepare(machine, stage, mirror, { POD_NETWORK: "vxlan" });
    expect(await machine.run(stage)).toMatchObject({ status: 0 });
    expect(machine.tree()).toContain("0600 /etc/systemd/system/vxlan.service");
    machine.calls();

    prepare(machine, stage, mirror);
    expect(await machine.run(stage)).toMatchObject({ status: 0 });
    expect(machine.tree().filter((row) => /vxlan.(service|inputs)$/.test(row))).toEqual([]);
    expect(machine.calls().filter((call) => call.includes("vxlan"))).toEqual([
      "systemctl disable --quiet --now vxlan.service",
      "ip link delete vxlan0",
    ]);
  },
);

test("the API server's right to ask kubelets is for the user of its certificate (FT-37)", () => {
  const { machine } = ran("rbac");

  const applied = machine.read("commands/applied");
  expect(applied).toMatch(/name: system:kube-apiserver-to-kubelet/);
  expect(applied).toMatch(/kind: User\n {4}name: kubernetes\n/);
  for (const resource of ["proxy", "stats", "log", "spec", "metrics", "pods", "healthz", "configz"]) {
    expect(applied).toContain(`- nodes/${resource}\n`);
  }
});

test("swap goes, now and for the next boot, and only swap (F-12, FT-41)", async () => {
  const { machine, calls } = await run("worker", {}, (made) => made.write("commands/state/swap", ""));

  expect(machine.read("etc/fstab")).toBe(
    "# as the image has it\nUUID=1 / ext4 defaults 0 1\n# off for kubelet: /dev/vdb none swap sw 0 0\n",
  );
  expect(calls).toEqual(expect.arrayContaining(["swapoff --all", "systemctl mask --quiet swap.target"]));
});

test("packages come from the mirror, and only those that are missing (FT-41)", () => {
  const { machine, calls } = ran("worker");
  const installs = calls.filter((call) => call.startsWith("apt-get"));

  expect(machine.read("commands/sources")).toMatch(/^(deb http:\/\/mirror.example\/debian bookworm main\n)+$/);
  expect(installs).toHaveLength(2);
  expect(installs[0]).toMatch(/ -o Dir::Etc::SourceParts=- -o Dir::State::Lists=\S+ update$/);
  expect(installs[1]).toMatch(/ install --yes --no-install-recommends socat conntrack ipset$/);
});

test("for a load balancer that asks nginx, nginx passes the health of this API server on (FT-38, S1-74, S1-75, LD-05)", async () => {
  const asked = await run("control-plane", { HEALTH_PROXY: "nginx" }, (made) =>
    made.write("etc/nginx/sites-enabled/default", "the server of an unpacked nginx\n"),
  );
  const site = "etc/nginx/sites-available/kubernetes.default.svc.cluster.local";

  expect(asked.outcome).toMatchObject({ status: 0, errors: [] });
  expect(asked.machine.read(site).replaceAll(/^ *#.*\n/gm, "")).toBe(`server {
  listen 80 default_server;
  server_name kubernetes.default.svc.cluster.local;
  access_log off;

  location = /healthz {
    proxy_pass https://127.0.0.1:6443/healthz;
    proxy_ssl_trusted_certificate /var/lib/kubernetes/ca.pem;
    proxy_ssl_verify on;
    proxy_ssl_name kubernetes.default.svc.cluster.local;
  }

  location / {
    return 404;
  }
}
`);
  expect(readlinkSync(join(asked.machine.root, site.replace("available", "enabled")))).toBe(`/${site}`);
  expect(asked.tree).not.toContain("0644 /etc/nginx/sites-enabled/default");
  expect(asked.machine.read("commands/sources")).toMatch(/^(deb http:\/\/mirror.example\/debian bookworm main\n)+$/);
  expect(asked.calls.filter((call) => /nginx/.test(call))).toEqual([
    expect.stringMatching(/^apt-get .* install --yes --no-install-recommends nginx$/),
    "nginx -t",
    "systemctl show --property=NeedDaemonReload --value nginx.service",
    "systemctl enable --quiet --no-reload nginx.service",
    "systemctl stop nginx.service",
    "systemctl start --no-block nginx.service",
  ]);

  const before = asked.machine.writtenAt();
  expect(await asked.machine.run("control-plane")).toMatchObject({ status: 0, errors: [] });
  expect(asked.machine.writtenAt()).toEqual(before);
  expect(asked.machine.calls().filter((call) => /apt-get|systemctl (start|stop|enable)/.test(call))).toEqual([]);
});

test("without one nginx is not there (FT-38)", () => {
  expect(
    [...ran("control-plane").calls, ...ran("control-plane").tree].filter((line) => /nginx|apt/.test(line)),
  ).toEqual([]);
});

test("without a package mirror, packages come from the machine's own sources (FT-41)", async () => {
  const { calls } = await run("worker", { PACKAGE_MIRROR: "", KUBE_PROXY_MODE: "nftables" });

  expect(calls.filter((call) => call.startsWith("apt-get"))).toEqual([
    "apt-get -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Acquire::Languages=none update",
    "apt-get -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Acquire::Languages=none install --yes --no-install-recommends socat conntrack ipset nftables",
  ]);
});

test("kernel settings are written when they differ, and stay for the next boot", async () => {
  const { calls } = await run("worker", {}, (made) => made.write("commands/state/net.ipv4.ip_forward.sysctl", "1\n"));

  expect(calls.filter((call) => /sysctl|modprobe/.test(call))).toEqual([
    "modprobe overlay",
    "modprobe br_netfilter",
    "sysctl --quiet --write net.bridge.bridge-nf-call-iptables=1",
    "sysctl --quiet --write net.bridge.bridge-nf-call-ip6tables=1",
    "sysctl --quiet --write kernel.panic=10",
    "sysctl --quiet --write kernel.panic_on_oops=1",
    "sysctl --quiet --write vm.overcommit_memory=1",
  ]);
});

test("what belongs to the machine stays", async () => {
  const { machine } = await run("worker", {}, (made) => {
    made.write("etc/kubernetes/kubelet.conf.d/99-machine.conf", "a: b\n");
    made.write("etc/containerd/conf.d/99-machine.toml", "version = 3\n");
  });

  expect(machine.read("etc/kubernetes/kubelet.conf.d/99-machine.conf")).toBe("a: b\n");
  expect(machine.read("etc/containerd/conf.d/99-machine.toml")).toBe("version = 3\n");
});

test("etcd without a checksum is verified against the publisher's list (FT-33)", async () => {
  const { outcome, tree } = await run("etcd", { ETCD_SHA256: "" });

  expect(outcome).toMatchObject({ status: 0, errors: [] });
  expect(tree).toContain("0755 /usr/local/bin/etcdutl");
  expect(mirror.requests).toContain("etcd/v3.6.16/SHA256SUMS");
});

test("the credential provider without a checksum is verified against the publisher's (FT-89)", async () => {
  const { machine, outcome, tree } = await run("image-credentials", { ECR_CREDENTIAL_PROVIDER_SHA256: "" });

  expect(outcome).toMatchObject({ status: 0, errors: [] });
  expect(tree).toContain("0755 /usr/local/bin/ecr-credential-provider");
  expect(mirror.requests).toContain(`${releases.ecrCredentialProvider}.sha256`);

  // Its own record answers from then on, as long as the program is the one that it is of.
  const [before, asked] = [machine.writtenAt(), mirror.requests.length];
  expect(await machine.run("image-credentials")).toMatchObject({ status: 0, errors: [] });
  expect(machine.writtenAt()).toEqual(before);
  expect(mirror.requests).toHaveLength(asked);
  machine.write("usr/local/bin/ecr-credential-provider", "another\n", 0o755);
  expect(await machine.run("image-credentials")).toMatchObject({ status: 0, errors: [] });
  expect(mirror.requests.slice(asked)).toEqual([
    `${releases.ecrCredentialProvider}.sha256`,
    releases.ecrCredentialProvider,
  ]);
});

test("the collector without a checksum is verified against the publisher's (FT-93)", async () => {
  const { outcome, tree } = await run("logs", { OTELCOL_SHA256: "" });

  expect(outcome).toMatchObject({ status: 0, errors: [] });
  expect(tree).toContain("0755 /usr/local/bin/otelcol-contrib");
});

test("values of a test are values of the contract", () => {
  for (const stage of stageNames) {
    const empty = Object.entries(environment(stage, mirror)).flatMap(([name, value]) => (value === "" ? [name] : []));
    expect(declaration(stage).mayBeEmpty).toEqual(expect.arrayContaining(empty));
  }
});
