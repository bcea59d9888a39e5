import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, parse } from "yaml";
import { ScratchMachine, scripts, type Variables } from "./support/machine";
import { startMirror, type Mirror } from "./support/mirror";
import { prepare } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

type Yaml = Readonly<Record<string, unknown>>;

let mirror: Mirror;
const machines: ScratchMachine[] = [];
let worker: ScratchMachine;
let coredns: Yaml[];

async function ran(
  stage: "worker" | "coredns",
  changes: Variables = {},
  before?: (made: ScratchMachine) => void,
): Promise<ScratchMachine> {
  const machine = new ScratchMachine();
  machines.push(machine);
  prepare(machine, stage, mirror, changes);
  before?.(machine);
  expect(await machine.run(stage)).toMatchObject({ status: 0 });
  return machine;
}

/** TOML as Python reads it, which every machine image and every CI runner has. */
function toml(text: string): Yaml {
  const program = "import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))";
  return JSON.parse(execFileSync("python3", ["-c", program], { input: text, encoding: "utf8" })) as Yaml;
}

beforeAll(async () => {
  mirror = await startMirror();
  worker = await ran("worker");
  const applied = (await ran("coredns")).read("commands/applied");
  coredns = parseAllDocuments(applied).map((document) => document.toJS() as Yaml);
});
afterAll(async () => {
  for (const machine of machines) machine.remove();
  await mirror.stop();
});

test("kubelet: names nobody it does not know, and follows the CIS benchmark (FT-45)", () => {
  expect(parse(worker.read("var/lib/kubelet/kubelet-config.yaml"))).toEqual({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: "/var/lib/kubernetes/ca.pem" },
    },
    authorization: { mode: "Webhook" },
    cgroupDriver: "systemd",
    clusterDNS: ["10.32.0.10"],
    clusterDomain: "cluster.local",
    containerRuntimeEndpoint: "unix:///var/run/containerd/containerd.sock",
    eventRecordQPS: 50,
    makeIPTablesUtilChains: true,
    podCIDR: "10.200.0.0/24",
    podPidsLimit: 4096,
    protectKernelDefaults: true,
    readOnlyPort: 0,
    registerNode: true,
    registerWithTaints: [
      { key: "dedicated", value: "gpu", effect: "NoSchedule" },
      { key: "busy", value: "", effect: "NoExecute" },
    ],
    resolvConf: "/etc/resolv.conf",
    rotateCertificates: true,
    runtimeRequestTimeout: "15m",
    seccompDefault: true,
    streamingConnectionIdleTimeout: "4h",
    tlsCertFile: "/var/lib/kubelet/worker-0.pem",
    tlsPrivateKeyFile: "/var/lib/kubelet/worker-0-key.pem",
    tlsCipherSuites: [
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ],
    tlsMinVersion: "VersionTLS12",
  });
});

// systemd-resolved's stub would have CoreDNS ask itself (S1-99).
test("kubelet: pods get the resolvers behind systemd-resolved, where it runs", async () => {
  const machine = await ran("worker", {}, (made) =>
    made.write("run/systemd/resolve/resolv.conf", "nameserver 10.240.0.2\n"),
  );

  expect(parse(machine.read("var/lib/kubelet/kubelet-config.yaml"))).toMatchObject({
    resolvConf: "/run/systemd/resolve/resolv.conf",
  });
});

test("kube-proxy: mode, range of all pods, metrics for this machine alone (FT-46)", () => {
  expect(parse(worker.read("var/lib/kube-proxy/kube-proxy-config.yaml"))).toEqual({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: "/var/lib/kube-proxy/kubeconfig" },
    clusterCIDR: "10.200.0.0/16",
    hostnameOverride: "worker-0",
    metricsBindAddress: "127.0.0.1:10249",
    mode: "iptables",
  });
});

test("kube-scheduler: configuration of the version that is left (FT-36, O-11)", () => {
  expect(parse(readFileSync(join(scripts, "control-plane/config/kube-scheduler.yaml"), "utf8"))).toEqual({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    clientConnection: { kubeconfig: "/var/lib/kubernetes/kube-scheduler.kubeconfig" },
    leaderElection: { leaderElect: true },
    enableProfiling: false,
  });
});

test("kube-apiserver: without a certificate one may ask for its health, and nothing else", () => {
  expect(parse(readFileSync(join(scripts, "control-plane/config/authentication.yaml"), "utf8"))).toEqual({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AuthenticationConfiguration",
    anonymous: { enabled: true, conditions: [{ path: "/livez" }, { path: "/readyz" }, { path: "/healthz" }] },
  });
});

test("audit: something is logged, secrets never with their content, ways into pods always (LD-03, FT-34)", () => {
  const policy = parse(readFileSync(join(scripts, "control-plane/config/audit-policy.yaml"), "utf8")) as {
    kind: string;
    rules: { level: string; resources?: { group: string; resources: string[] }[] }[];
  };
  const firstFor = (resource: string): string | undefined =>
    policy.rules.find((rule) => rule.resources?.some((entry) => entry.resources.includes(resource)))?.level;

  expect(policy.kind).toBe("Policy");
  expect(policy.rules.at(-1)).toEqual({ level: "Metadata" });
  for (const resource of ["secrets", "configmaps", "tokenreviews"]) expect(firstFor(resource)).toBe("Metadata");
  for (const resource of ["pods/exec", "pods/portforward", "pods/proxy", "services/proxy"]) {
    expect(firstFor(resource)).toBe("Request");
  }
});

test("containerd: systemd's cgroups, the configured pause image, registries by folder (FT-43, FT-48)", () => {
  expect(toml(worker.read("etc/containerd/config.toml"))).toEqual({
    version: 3,
    imports: ["/etc/containerd/conf.d/*.toml"],
    plugins: {
      "io.containerd.cri.v1.images": {
        snapshotter: "overlayfs",
        pinned_images: { sandbox: "registry.k8s.io/pause:3.10.2" },
        registry: { config_path: "/etc/containerd/certs.d" },
      },
      "io.containerd.cri.v1.runtime": {
        cni: { bin_dirs: ["/opt/cni/bin"], conf_dir: "/etc/cni/net.d" },
        containerd: {
          default_runtime_name: "runc",
          runtimes: {
            runc: {
              runtime_type: "io.containerd.runc.v2",
              options: { BinaryName: "/usr/local/bin/runc", SystemdCgroup: true },
            },
          },
        },
      },
    },
  });
});

test("containerd: every registry is asked for at the mirror", () => {
  expect(toml(worker.read("etc/containerd/certs.d/_default/hosts.toml"))).toEqual({
    host: { "http://mirror.example": { capabilities: ["pull", "resolve"] } },
  });
});

test("containerd: without a mirror, registries are asked themselves", async () => {
  const machine = await ran("worker", { IMAGE_MIRROR: "" });

  expect(machine.tree()).not.toContainEqual(expect.stringContaining("hosts.toml"));
});

test("pod network: a bridge with addresses of this node's range, ports of the node, a loopback that has a name (FT-44, LD-11)", () => {
  expect(JSON.parse(worker.read("etc/cni/net.d/10-bridge.conflist"))).toEqual({
    cniVersion: "1.0.0",
    name: "bridge",
    plugins: [
      {
        type: "bridge",
        bridge: "cnio0",
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: "host-local", ranges: [[{ subnet: "10.200.0.0/24" }]], routes: [{ dst: "0.0.0.0/0" }] },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
  expect(JSON.parse(worker.read("etc/cni/net.d/99-loopback.conf"))).toEqual({
    cniVersion: "1.0.0",
    name: "lo",
    type: "loopback",
  });
});

test("pod network: packets of pods leave room for the headers of vxlan (FT-54)", async () => {
  const machine = await ran("worker", { POD_NETWORK: "vxlan" }, (made) =>
    made.write("sys/class/net/vxlan0/mtu", "8951\n"),
  );
  const { plugins } = JSON.parse(machine.read("etc/cni/net.d/10-bridge.conflist")) as { plugins: Yaml[] };

  expect(plugins[0]).toMatchObject({ type: "bridge", mtu: 8951, ipMasq: true });
});

const named = (kind: string): Yaml => coredns.find((object) => object["kind"] === kind) ?? {};

test("CoreDNS: the objects of the guide's manifest (FT-56)", () => {
  expect(coredns.map((object) => object["kind"])).toEqual([
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "Deployment",
    "Service",
  ]);
});

test("CoreDNS: asks the node's resolvers for other names (LD-01, FT-56)", () => {
  const { Corefile: corefile } = named("ConfigMap")["data"] as { Corefile: string };

  expect(corefile).toMatch(/^ {4}forward \. \/etc\/resolv\.conf$/m);
  expect(corefile).toMatch(/^ {4}kubernetes cluster\.local in-addr\.arpa ip6\.arpa \{$/m);
  expect(named("Deployment")).toMatchObject({ spec: { template: { spec: { dnsPolicy: "Default" } } } });
});

test("CoreDNS: may watch what it answers from (R-16)", () => {
  expect(named("ClusterRole")["rules"]).toEqual([
    { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  ]);
});

test("CoreDNS: two pods, better on two nodes, important and not powerful (FT-56)", () => {
  expect(named("Deployment")).toMatchObject({
    spec: {
      replicas: 2,
      template: {
        spec: {
          priorityClassName: "system-cluster-critical",
          topologySpreadConstraints: [{ topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" }],
          containers: [
            {
              image: "docker.io/coredns/coredns:1.14.7",
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  });
});

test("CoreDNS: the Service kube-dns, at the address that kubelets hand to pods (FT-56, S1-100)", () => {
  expect(named("Service")).toEqual({
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kube-dns",
      namespace: "kube-system",
      annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
      labels: {
        "k8s-app": "kube-dns",
        "kubernetes.io/cluster-service": "true",
        "kubernetes.io/name": "CoreDNS",
      },
    },
    spec: {
      clusterIP: "10.32.0.10",
      selector: { "k8s-app": "kube-dns" },
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
        { name: "metrics", port: 9153, protocol: "TCP" },
      ],
    },
  });
});
