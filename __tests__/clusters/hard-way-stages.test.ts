import { RELEASES, STAGES, UBUNTU_2404, type HardWayClusterProps } from "../../constructs";
import { env, hardWay, stage, stages, type StageOnMachine } from "../support/hard-way";
import { dependencies, without } from "../support/resources";

const small = hardWay();
const guide = hardWay({ controlPlane: { count: 3 }, workers: { count: 3 } });
const text = (name: StageOnMachine): string => (stage(guide, name).triggers as { env: string }).env;

const API = "${aws_lb.cluster_api_0C0E19C9.dns_name}";
const ZONE = "${aws_subnet.cluster_network_public_78E5FC6D.availability_zone}";
const withoutDownloads = (values: Record<string, string>): Record<string, string> =>
  without(values, ...Object.keys(values).filter((name) => /_(URL|SHA256)$/.test(name)));
const NETWORK = [
  "aws_route.cluster_network_internet",
  "aws_main_route_table_association.cluster_network_main-routes",
  "aws_route_table_association.cluster_network_public-routes",
];
const FIREWALL = [
  "admin-ssh-control-plane",
  "admin-ssh-worker",
  "admin-ping-control-plane",
  "admin-ping-worker",
  "admin-api",
  "api-control-plane",
  "etcd",
  "worker-api",
  "pods-control-plane",
  "pods-worker",
  "control-plane-worker",
  "worker-worker",
].map((id) => `aws_vpc_security_group_ingress_rule.cluster_security-groups_${id}`);
const EGRESS = ["control-plane", "worker", "api"].map(
  (role) => `aws_vpc_security_group_egress_rule.cluster_security-groups_egress-${role}`,
);
const on = (name: string, ...machines: string[]): string[] =>
  machines.map((machine) => `null_resource.cluster_stage-${name}_${machine}`);
const CONTROLLERS = ["controller-0", "controller-1", "controller-2"];
const WORKERS = ["worker-0", "worker-1", "worker-2"];

describe("node.env", () => {
  test("of etcd (FT-30, FT-33)", () => {
    expect(text("etcd/controller-1")).toBe(`CLUSTER_NAME='blue'
NODE_NAME='controller-1'
NODE_IP='10.240.0.11'
ETCD_VERSION='3.6.16'
ETCD_URL='https://github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz'
ETCD_SHA256=''
ETCD_INITIAL_CLUSTER='controller-0=https://10.240.0.10:2380,controller-1=https://10.240.0.11:2380,controller-2=https://10.240.0.12:2380'
ETCD_CLUSTER_TOKEN='etcd-cluster-0'
ETCD_ARGUMENTS=''
`);
  });

  test("of the control plane, downloads left out (FT-34, FT-35, FT-36)", () => {
    expect(withoutDownloads(env(guide, "control-plane/controller-2"))).toEqual({
      API_ADDRESS: API,
      CLUSTER_NAME: "blue",
      NODE_NAME: "controller-2",
      NODE_IP: "10.240.0.12",
      SSH_USER: "admin",
      KUBERNETES_VERSION: "1.36.3",
      ETCD_SERVERS: "https://10.240.0.10:2379,https://10.240.0.11:2379,https://10.240.0.12:2379",
      SERVICE_CIDR: "10.32.0.0/24",
      POD_CIDR: "10.200.0.0/16",
      SERVICE_NODE_PORT_RANGE: "30000-32767",
      POD_NETWORK: "vpc-routes",
      HEALTH_PROXY: "",
      KUBE_APISERVER_ARGUMENTS: "",
      KUBE_CONTROLLER_MANAGER_ARGUMENTS: "",
      KUBE_SCHEDULER_ARGUMENTS: "",
      PACKAGE_MIRROR: "",
    });
  });

  test("of RBAC", () => {
    expect(text("rbac/controller-0")).toBe("NODE_NAME='controller-0'\n");
  });

  test("of a worker, downloads left out (FT-15, FT-43, FT-44, FT-45, FT-46, FT-48)", () => {
    expect(withoutDownloads(env(guide, "worker/worker-2"))).toEqual({
      API_ADDRESS: API,
      NODE_NAME: "worker-2",
      KUBELET_ARGUMENTS: "",
      KUBE_PROXY_ARGUMENTS: "",
      KUBELET_CONFIGURATION: "",
      CONTAINERD_CONFIGURATION: "",
      POD_NETWORK: "vpc-routes",
      NODE_IP: "10.240.0.22",
      NODE_LABELS: `topology.kubernetes.io/zone=${ZONE}`,
      NODE_TAINTS: "",
      POD_CIDR: "10.200.2.0/24",
      CLUSTER_POD_CIDR: "10.200.0.0/16",
      CLUSTER_DNS: "10.32.0.10",
      CLUSTER_DOMAIN: "cluster.local",
      KUBE_PROXY_MODE: "iptables",
      PAUSE_IMAGE: "registry.k8s.io/pause:3.10.2",
      IMAGE_MIRROR: "",
      PACKAGE_MIRROR: "",
      KUBERNETES_VERSION: "1.36.3",
      CONTAINERD_VERSION: "2.3.4",
      RUNC_VERSION: "1.4.3",
      CNI_PLUGINS_VERSION: "1.9.1",
    });
  });

  test("of the labels of nodes (FT-15)", () => {
    expect(text("nodes/controller-0")).toBe(`NODE_NAME='controller-0'
NODES='${WORKERS.map((name) => `${name};topology.kubernetes.io/zone=${ZONE};`).join(" ")}'
`);
  });

  test("of DNS (FT-56)", () => {
    expect(text("coredns/controller-0")).toBe(`COREDNS_IMAGE='docker.io/coredns/coredns:1.14.7'
CLUSTER_DNS='10.32.0.10'
CLUSTER_DOMAIN='cluster.local'
NODE_NAME='controller-0'
`);
  });

  test("names one etcd version in the whole stack (FT-33, F-08)", () => {
    const versions = guide.json.match(/etcd[-/]v?\d+\.\d+\.\d+|ETCD_VERSION='[^']+|download\/v3\.\d+\.\d+/g)!;

    expect(new Set(versions.map((version) => /\d+\.\d+\.\d+/.exec(version)![0]))).toEqual(new Set(["3.6.16"]));
  });

  test("names one Kubernetes version in the whole stack, so no kubelet is newer than its API server (FT-42, F-01, F-02)", () => {
    const versions = guide.json.match(/dl\.k8s\.io\/release\/v[^/]+|KUBERNETES_VERSION='[^']+/g)!;

    expect(new Set(versions.map((version) => /\d+\.\d+\.\d+/.exec(version)![0]))).toEqual(new Set(["1.36.3"]));
  });

  describe.each(RELEASES)("of Kubernetes $kubernetes", (release) => {
    const stack = hardWay({ kubernetesVersion: release.kubernetes });

    test("names that version alone, and the pause image that belongs to it (FT-42, F-02)", () => {
      const versions = stack.json.match(/dl\.k8s\.io\/release\/v[^/]+|KUBERNETES_VERSION='[^']+/g)!;

      expect(new Set(versions.map((version) => /\d+\.\d+\.\d+/.exec(version)![0]))).toEqual(
        new Set([release.kubernetes]),
      );
      expect(env(stack, "worker/worker-0").PAUSE_IMAGE).toBe(`registry.k8s.io/pause:${release.pause}`);
    });

    test("names one etcd version (FT-33, F-08)", () => {
      const versions = stack.json.match(
        /etcd[-/]v?\d+\.\d+\.\d+|ETCD_VERSION='[^']+|etcd\/releases\/download\/v[^/]+/g,
      )!;

      expect(new Set(versions.map((version) => /\d+\.\d+\.\d+/.exec(version)![0]))).toEqual(new Set([release.etcd]));
    });
  });

  test("upgrades the control plane first: only the workers keep the older version (F-02)", () => {
    const before = hardWay({ kubernetesVersion: "1.35.4" });
    const between = hardWay({ workers: { count: 1, kubernetesVersion: "1.35.4" } });

    expect(env(between, "control-plane/controller-0")).toMatchObject({
      KUBERNETES_VERSION: "1.36.3",
      KUBE_APISERVER_URL: "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver",
    });
    expect(env(between, "worker/worker-0")).toEqual(env(before, "worker/worker-0"));
  });

  test.each(["control-plane/controller-0", "worker/worker-0"] as const)(
    "%s has the published sum of each file (FT-42)",
    (name) => {
      const sums = Object.entries(env(guide, name)).filter(([variable]) => variable.endsWith("_SHA256"));

      expect(sums.filter(([, sum]) => !/^[0-9a-f]{64}$/.test(sum))).toEqual([]);
      expect(sums.length).toBeGreaterThan(3);
    },
  );

  test("gives each worker pods of its own (FT-15, FT-44)", () => {
    const blocks = WORKERS.map((name) => env(guide, `worker/${name}`).POD_CIDR);

    expect(blocks).toEqual(["10.200.0.0/24", "10.200.1.0/24", "10.200.2.0/24"]);
  });

  test("gives DNS the tenth service address (FT-55, FT-56)", () => {
    const stack = hardWay({ serviceCidr: "172.20.0.0/16" });

    expect([env(stack, "worker/worker-0").CLUSTER_DNS, env(stack, "coredns/controller-0").CLUSTER_DNS]).toEqual([
      "172.20.0.10",
      "172.20.0.10",
    ]);
  });

  test("honours the proxy mode (FT-46)", () => {
    expect(env(hardWay({ kubeProxyMode: "nftables" }), "worker/worker-0").KUBE_PROXY_MODE).toBe("nftables");
  });

  test("honours the mirrors (FT-42)", () => {
    const stack = hardWay({
      mirrors: { downloads: "http://mirror", images: "http://images", packages: "http://packages/debian" },
    });

    expect(env(stack, "worker/worker-0")).toMatchObject({
      KUBELET_URL: "http://mirror/dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet",
      IMAGE_MIRROR: "http://images",
      PACKAGE_MIRROR: "http://packages/debian",
    });
  });
});

describe("reading", () => {
  test.each(Object.keys(stages(guide)) as StageOnMachine[])(
    "%s gets exactly what its stage reads (FT-49, FT-51)",
    (name) => {
      const { reads } = STAGES.find((candidate) => candidate.name === name.split("/")[0])!;

      expect(Object.keys(env(guide, name))).toEqual(reads);
    },
  );

  test.each(Object.keys(stages(guide)) as StageOnMachine[])(
    "%s has no empty value but those that may be (FT-51, F-10)",
    (name) => {
      const { mayBeEmpty } = STAGES.find((candidate) => candidate.name === name.split("/")[0])!;
      const empty = Object.entries(env(guide, name)).filter(
        ([variable, value]) => value === "" && !mayBeEmpty.includes(variable as never),
      );

      expect(empty).toEqual([]);
    },
  );
});

describe("waiting, whatever the parallelism", () => {
  test.each(CONTROLLERS)("etcd on %s waits for every host key (FT-49)", (name) => {
    expect(dependencies(stage(guide, `etcd/${name}`))).toEqual(on("ssh-host-key", ...CONTROLLERS, ...WORKERS));
  });

  test.each([
    ...CONTROLLERS.map((name) => `control-plane-programs/${name}` as const),
    ...WORKERS.map((name) => `worker-programs/${name}` as const),
  ])("%s waits for host keys alone, so it runs beside etcd and the control plane (FT-49)", (name) => {
    expect(dependencies(stage(guide, name))).toEqual(on("ssh-host-key", ...CONTROLLERS, ...WORKERS));
  });

  test.each([...CONTROLLERS, ...WORKERS])(
    "%s gets its host key after every way out and firewall rule (FT-49)",
    (name) => {
      expect(dependencies(stage(guide, `ssh-host-key/${name}`))).toEqual([...NETWORK, ...FIREWALL, ...EGRESS]);
    },
  );

  test.each(CONTROLLERS)(
    "the control plane on %s waits for every etcd member, and for the programs of every controller (FT-49)",
    (name) => {
      expect(dependencies(stage(guide, `control-plane/${name}`))).toEqual([
        ...on("etcd", ...CONTROLLERS),
        ...on("control-plane-programs", ...CONTROLLERS),
      ]);
    },
  );

  test("RBAC waits for every controller (FT-49)", () => {
    expect(dependencies(stage(guide, "rbac/controller-0"))).toEqual(on("control-plane", ...CONTROLLERS));
  });

  test.each(WORKERS)(
    "%s waits for the load balancer, every pod route, the programs of every worker and RBAC (FT-49)",
    (name) => {
      expect(dependencies(stage(guide, `worker/${name}`))).toEqual([
        "aws_lb_listener.cluster_api_listener",
        ...CONTROLLERS.map((controller) => `aws_lb_target_group_attachment.cluster_api_${controller}`),
        ...WORKERS.map((worker) => `aws_vpc_security_group_ingress_rule.cluster_api_from-${worker}`),
        ...WORKERS.map((worker) => `aws_route.cluster_pod-routes_${worker}`),
        ...on("worker-programs", ...WORKERS),
        ...on("rbac", "controller-0"),
      ]);
    },
  );

  test("labels and taints, and DNS beside them, wait for every worker (FT-49)", () => {
    expect(dependencies(stage(guide, "nodes/controller-0"))).toEqual(on("worker", ...WORKERS));
    expect(dependencies(stage(guide, "coredns/controller-0"))).toEqual(on("worker", ...WORKERS));
  });

  test("no stage runs anywhere else (FT-49)", () => {
    expect(Object.keys(stages(guide)).sort()).toEqual([
      ...CONTROLLERS.map((name) => `control-plane-programs/${name}`),
      ...CONTROLLERS.map((name) => `control-plane/${name}`),
      "coredns/controller-0",
      ...CONTROLLERS.map((name) => `etcd/${name}`),
      "nodes/controller-0",
      "rbac/controller-0",
      ...[...CONTROLLERS, ...WORKERS].map((name) => `ssh-host-key/${name}`),
      ...WORKERS.map((name) => `worker-programs/${name}`),
      ...WORKERS.map((name) => `worker/${name}`),
    ]);
  });
});

describe("running again", () => {
  const KUBELET = "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet";
  const APISERVER = "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver";
  const KUBECTL = "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl";
  const ETCD = "github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz";
  const sum = (path: string): Partial<HardWayClusterProps> => ({ mirrors: { checksums: { [path]: "0f".repeat(32) } } });
  const NOTHING: Partial<HardWayClusterProps> = {};
  const noSums: Partial<HardWayClusterProps> = { mirrors: { checksums: {} } };
  const changed = (before: Partial<HardWayClusterProps>, after: Partial<HardWayClusterProps>): string[] => {
    const [old, now] = [stages(before === NOTHING ? small : hardWay(before)), stages(hardWay(after))];
    const differ = (name: string): boolean =>
      JSON.stringify(old[name as StageOnMachine]!.triggers) !== JSON.stringify(now[name as StageOnMachine]?.triggers);
    return Object.keys(old)
      .filter(differ)
      .map((name) => name.split("/")[0]!);
  };

  test.each<[string, Partial<HardWayClusterProps>, Partial<HardWayClusterProps>, string[]]>([
    ["nothing", NOTHING, {}, []],
    ["the pod block", NOTHING, { podCidr: "10.201.0.0/16" }, ["control-plane", "worker"]],
    ["the service block", NOTHING, { serviceCidr: "10.33.0.0/24" }, ["control-plane", "coredns", "worker"]],
    ["the network's block", NOTHING, { networkCidr: "10.241.0.0/24" }, ["control-plane", "etcd", "worker"]],
    ["the cluster's name", NOTHING, { clusterName: "green" }, ["control-plane", "etcd"]],
    ["the proxy mode", NOTHING, { kubeProxyMode: "nftables" }, ["worker-programs", "worker"]],
    ["the image mirror", NOTHING, { mirrors: { images: "http://mirror" } }, ["worker"]],
    [
      "the package mirror",
      NOTHING,
      { mirrors: { packages: "http://mirror" } },
      ["control-plane", "worker-programs", "worker"],
    ],
    ["the health check to nginx", NOTHING, { healthCheck: "nginx" }, ["control-plane"]],
    ["a flag of etcd", NOTHING, { extraArguments: { etcd: { "max-txn-ops": "256" } } }, ["etcd"]],
    ["a flag of the API server", NOTHING, { extraArguments: { kubeApiserver: { v: "4" } } }, ["control-plane"]],
    ["kubelets' configuration", NOTHING, { kubeletConfiguration: { maxPods: 60 } }, ["worker"]],
    ["containerd's configuration", NOTHING, { containerdConfiguration: "version = 3\n" }, ["worker"]],
    ["a flag of kubelets", NOTHING, { extraArguments: { kubelet: { v: "4" } } }, ["worker"]],
    ["the health check to TCP", NOTHING, { healthCheck: "tcp" }, []],
    [
      "the download mirror",
      NOTHING,
      { mirrors: { downloads: "http://mirror" } },
      ["control-plane-programs", "control-plane", "etcd", "worker-programs", "worker"],
    ],
    ["the kubelet's sum", noSums, sum(KUBELET), ["worker-programs", "worker"]],
    ["the API server's sum", noSums, sum(APISERVER), ["control-plane-programs", "control-plane"]],
    ["kubectl's sum", noSums, sum(KUBECTL), ["control-plane-programs", "control-plane", "worker-programs", "worker"]],
    ["etcd's sum", noSums, sum(ETCD), ["etcd"]],
    [
      "the architecture",
      NOTHING,
      { architecture: "arm64" },
      ["control-plane-programs", "control-plane", "etcd", "worker-programs", "worker"],
    ],
    ["the operating system", NOTHING, { operatingSystem: UBUNTU_2404 }, ["control-plane"]],
    [
      "the first controller's address",
      NOTHING,
      { controlPlane: { count: 1, firstHost: 11 } },
      ["control-plane", "etcd"],
    ],
    ["the first worker's address", NOTHING, { workers: { count: 1, firstHost: 30 } }, ["worker"]],
    ["two more controllers", NOTHING, { controlPlane: { count: 3 } }, ["control-plane", "etcd"]],
    ["one more worker", NOTHING, { workers: { count: 2 } }, ["nodes"]],
    ["a label", NOTHING, { workers: { count: 1, labels: { tier: "web" } } }, ["nodes", "worker"]],
    [
      "a taint",
      NOTHING,
      { workers: { count: 1, taints: [{ key: "busy", effect: "PreferNoSchedule" }] } },
      ["nodes", "worker"],
    ],
    ["the zone, which is a label", NOTHING, { availabilityZones: ["eu-west-1b"] }, ["nodes", "worker"]],
    ["a bastion", NOTHING, { bastion: {} }, []],
    ["the admin blocks", NOTHING, { adminCidrs: ["203.0.113.7/32"] }, []],
    ["how Terraform logs in", NOTHING, { ssh: { address: "private", timeout: "90s" } }, []],
    ["the instance types", NOTHING, { workers: { count: 1, instanceType: "m7i.large" } }, []],
    ["the firewall", NOTHING, { firewallRules: [] }, []],
  ])("a change of %s runs exactly the stages that read it (FT-49)", (_, before, after, names) => {
    expect(changed(before, after)).toEqual(names);
  });

  test("a stage's files are behind one hash, of its own local (FT-25, LD-14)", () => {
    const hashes = Object.entries(stages(small)).flatMap(([name, { triggers }]) => {
      const { files } = triggers as { files?: string };
      return files === undefined ? [] : [[name, files.replace(/_[0-9A-F]{8}/, "")]];
    });

    expect(Object.fromEntries(hashes)).toEqual({
      "ssh-host-key/controller-0": "${sha256(jsonencode(local.cluster_stage-ssh-host-key_controller-0-files))}",
      "ssh-host-key/worker-0": "${sha256(jsonencode(local.cluster_stage-ssh-host-key_worker-0-files))}",
      "etcd/controller-0": "${sha256(jsonencode(local.cluster_stage-etcd_controller-0-files))}",
      "control-plane/controller-0": "${sha256(jsonencode(local.cluster_stage-control-plane_controller-0-files))}",
      "worker/worker-0": "${sha256(jsonencode(local.cluster_stage-worker_worker-0-files))}",
    });
  });

  test("a stage runs again when its machine is another one (FT-49)", () => {
    const instances = WORKERS.map((name) => (stage(guide, `worker/${name}`).triggers as { instance: string }).instance);

    expect(instances.map((instance) => instance.replace(/_[0-9A-F]{8}/, ""))).toEqual([
      "${aws_instance.cluster_worker_0.id}",
      "${aws_instance.cluster_worker_1.id}",
      "${aws_instance.cluster_worker_2.id}",
    ]);
  });
});
