import { parse } from "yaml";
import { legacyCloudConfig } from "../../constructs/eks/legacy-cloud-config";
import {
  bottlerocketSettings,
  nodeConfig,
  ubuntuBootstrap,
  type KubeletSettings,
  type NodeCluster,
  type NodeProxy,
} from "../../constructs/eks/user-data";
import { KUBELET_FIELDS } from "../../constructs/facts/kubelet-fields";
import { EKS_VERSIONS } from "../../constructs/facts/eks-versions";
import { RELEASES } from "../../constructs/facts/versions";
import { directly } from "../../constructs/network/proxy";
import { roomOfAuthorities } from "../../constructs/rules/eks-existing-network";
import { flagTable } from "../support/flags";

const cluster: NodeCluster = {
  name: "blue",
  endpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
  certificateAuthority: "LS0tLS1CRUdJTg==",
  serviceCidr: "10.100.0.0/16",
  dns: "10.100.0.10",
  region: "eu-west-1",
};
const plain: KubeletSettings = { labels: {}, taints: [], maxPods: undefined, config: {} };
const reserved = { cpu: "70m", memory: "1465Mi", "ephemeral-storage": "1Gi" };
const full: KubeletSettings = {
  labels: { tier: "web", "example.com/zone": "" },
  taints: [
    { key: "dedicated", value: "web", effect: "NoSchedule" },
    { key: "dedicated", effect: "NoExecute" },
  ],
  maxPods: 110,
  config: { kubeReserved: reserved },
};

const proxy: NodeProxy = {
  ...{ http: "http://10.1.2.3:3128", https: "http://10.1.2.3:3129" },
  exceptions: ["localhost", "172.20.0.0/16", ".svc"],
};

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
/** Settings of every shape that a field has. */
const settings = {
  ...{
    kubeReserved: reserved,
    systemReserved: { memory: "200Mi" },
    evictionSoftGracePeriod: { "memory.available": "1m" },
  },
  ...{
    podPidsLimit: 1024,
    cpuCFSQuota: false,
    containerLogMaxSize: "20Mi",
    allowedUnsafeSysctls: ["net.core.a", "kernel.b"],
  },
};

/** The parts of a MIME archive by their types. */
function parts(text: string): Record<string, string> {
  const [head, boundary] = /^MIME-Version: 1\.0\nContent-Type: multipart\/mixed; boundary="([^"]+)"\n\n/.exec(text)!;
  const [before, ...rest] = text.slice(head.length).split(new RegExp(`^--${boundary}`, "m"));
  expect([before, rest.pop()]).toEqual(["", "--\n"]);
  return Object.fromEntries(
    rest.map((part) => {
      const [, type, content] = /^\nContent-Type: (\S+)\n\n([^]*)$/.exec(part)!;
      return [type!, content!];
    }),
  );
}

/** The NodeConfig of it. */
const nodeadm = (text: string) =>
  parse(parts(text)["application/node.eks.aws"]!) as {
    apiVersion: string;
    kind: string;
    spec: Record<string, unknown>;
  };

describe("a node of Amazon Linux 2023", () => {
  test("learns its cluster from a NodeConfig (FT-71)", () => {
    expect(nodeadm(nodeConfig(cluster, plain)!)).toEqual({
      apiVersion: "node.eks.aws/v1alpha1",
      kind: "NodeConfig",
      spec: {
        cluster: {
          name: "blue",
          apiServerEndpoint: cluster.endpoint,
          certificateAuthority: cluster.certificateAuthority,
          cidr: "10.100.0.0/16",
        },
      },
    });
  });

  test("gets labels, taints and pods, with what is reserved for so many (FT-73, FT-80)", () => {
    expect(nodeadm(nodeConfig(cluster, full)!).spec.kubelet).toEqual({
      config: { maxPods: 110, kubeReserved: reserved },
      flags: [
        "--node-labels=tier=web,example.com/zone=",
        "--register-with-taints=dedicated=web:NoSchedule,dedicated=:NoExecute",
      ],
    });
  });

  test("is told the way out before anything asks, and what needs none (FT-71)", () => {
    const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];
    const values = [proxy.http, proxy.https, "localhost,172.20.0.0/16,.svc"].flatMap((value) => [value, value]);
    const environment = Object.fromEntries(names.map((name, index) => [name, values[index]]));

    for (const text of [nodeConfig(cluster, plain, proxy)!, nodeConfig(undefined, plain, proxy)!])
      expect(nodeadm(text).spec.instance).toEqual({ environment: { default: environment } });
  });

  test("trusts the authority of a proxy that opens TLS before containerd is started (FT-71)", () => {
    for (const known of [cluster, undefined]) {
      const { "text/cloud-config": text } = parts(nodeConfig(known, plain, { ...proxy, ca: PEM })!);
      const { write_files: files, runcmd } = parse(text!) as { write_files: Record<string, string>[]; runcmd: unknown };

      expect(text!.startsWith("#cloud-config\n")).toBe(true);
      expect(files).toEqual([
        {
          path: "/etc/pki/ca-trust/source/anchors/proxy.pem",
          ...{ encoding: "b64", content: Buffer.from(PEM).toString("base64") },
        },
      ]);
      expect(runcmd).toEqual([["update-ca-trust"]]);
    }
    expect(Object.keys(parts(nodeConfig(cluster, plain, proxy)!))).toEqual(["application/node.eks.aws"]);
  });

  test("that EKS keeps is told what differs, and nothing where nothing does (FT-69, FT-73)", () => {
    expect(nodeConfig(undefined, { ...full, maxPods: undefined, config: {} })).toBeUndefined();
    expect(nodeadm(nodeConfig(undefined, full)!).spec).toEqual({
      kubelet: { config: { maxPods: 110, kubeReserved: reserved } },
    });
  });
});

describe("a node of Bottlerocket", () => {
  test("learns its cluster, labels, taints and pods from settings (FT-73)", () => {
    expect(bottlerocketSettings(cluster, full)).toBe(`[settings.kubernetes]
"cluster-name" = "blue"
"api-server" = "${cluster.endpoint}"
"cluster-certificate" = "LS0tLS1CRUdJTg=="
"cluster-dns-ip" = "10.100.0.10"
"max-pods" = 110
[settings.kubernetes.node-labels]
"tier" = "web"
"example.com/zone" = ""
[settings.kubernetes.node-taints]
"dedicated" = ["web:NoSchedule",":NoExecute"]
[settings.kubernetes.kube-reserved]
"cpu" = "70m"
"memory" = "1465Mi"
"ephemeral-storage" = "1Gi"
`);
  });

  test("is told the way out (FT-73)", () => {
    expect(bottlerocketSettings(undefined, plain, proxy)).toBe(`[settings.network]
"https-proxy" = "http://10.1.2.3:3129"
"no-proxy" = ["localhost","172.20.0.0/16",".svc"]
`);
  });

  test("trusts the authority of a proxy that opens TLS (FT-73)", () => {
    const data = Buffer.from(PEM).toString("base64");

    expect(bottlerocketSettings(undefined, plain, { ...proxy, ca: PEM })).toMatch(
      `\n[settings.pki.proxy]\n"data" = "${data}"\n"trusted" = true\n`,
    );
  });

  test("has settings of kubelets by its own names, whoever keeps it (FT-73)", () => {
    for (const known of [cluster, undefined])
      expect(bottlerocketSettings(known, { ...plain, config: settings })!.replace(/^"c[^]*?"cluster-dns-ip".*\n/m, ""))
        .toBe(`[settings.kubernetes]
"pod-pids-limit" = 1024
"cpu-cfs-quota-enforced" = false
"container-log-max-size" = "20Mi"
"allowed-unsafe-sysctls" = ["net.core.a","kernel.b"]
[settings.kubernetes.kube-reserved]
"cpu" = "70m"
"memory" = "1465Mi"
"ephemeral-storage" = "1Gi"
[settings.kubernetes.system-reserved]
"memory" = "200Mi"
[settings.kubernetes.eviction-soft-grace-period]
"memory.available" = "1m"
`);
  });

  test("that EKS keeps is told nothing where nothing differs (FT-69)", () => {
    expect(bottlerocketSettings(undefined, plain)).toBeUndefined();
  });
});

test("a node of Ubuntu learns all of it from its bootstrap program, without a shell between (FT-73)", () => {
  const text = ubuntuBootstrap(cluster, full);

  expect(text.startsWith("#cloud-config\n")).toBe(true);
  expect(parse(text)).toEqual({
    runcmd: [
      [
        "/etc/eks/bootstrap.sh",
        "blue",
        ...["--apiserver-endpoint", cluster.endpoint, "--b64-cluster-ca", "LS0tLS1CRUdJTg=="],
        ...["--dns-cluster-ip", "10.100.0.10", "--use-max-pods", "false", "--kubelet-extra-args"],
        "--node-labels=tier=web,example.com/zone= --register-with-taints=dedicated=web:NoSchedule,dedicated=:NoExecute --max-pods=110 --kube-reserved=cpu=70m,memory=1465Mi,ephemeral-storage=1Gi",
      ],
    ],
  });
});

test("a node of Ubuntu has settings of kubelets as flags (FT-73)", () => {
  const { runcmd } = parse(ubuntuBootstrap(cluster, { ...plain, config: settings })) as { runcmd: [string[]] };

  expect(runcmd[0].at(-1)!.split(" ")).toEqual([
    "--kube-reserved=cpu=70m,memory=1465Mi,ephemeral-storage=1Gi",
    "--system-reserved=memory=200Mi",
    "--eviction-soft-grace-period=memory.available=1m",
    "--pod-max-pids=1024",
    "--cpu-cfs-quota=false",
    "--container-log-max-size=20Mi",
    "--allowed-unsafe-sysctls=net.core.a,kernel.b",
  ]);
});

describe("a node of Amazon Linux 2, as eksctl once made it", () => {
  interface File {
    readonly path: string;
    readonly owner: string;
    readonly permissions: string;
    readonly content: string;
    readonly encoding?: string;
  }
  const text = legacyCloudConfig(
    cluster,
    { ...full, maxPods: undefined, config: {} },
    { "m5.large": 29, "t3.medium": 17 },
  );
  const { write_files: files, runcmd } = parse(text) as { write_files: File[]; runcmd: string[][] };
  const content = (name: string): string => files.find(({ path }) => path.endsWith(`/${name}`))!.content;

  test("gets these eight files, with these modes, and runs the last (FT-70, S2-47)", () => {
    expect(files.map(({ path, owner, permissions }) => `${path} ${owner} ${permissions}`)).toEqual([
      "/etc/systemd/system/kubelet.service.d/10-eks-node.conf root:root 0644",
      "/etc/eksctl/metadata.env root:root 0644",
      "/etc/eksctl/kubelet.env root:root 0644",
      "/etc/eksctl/kubelet.yaml root:root 0644",
      "/etc/eksctl/ca.crt root:root 0644",
      "/etc/eksctl/kubeconfig.yaml root:root 0644",
      "/etc/eksctl/max_pods.map root:root 0644",
      "/var/lib/cloud/scripts/per-instance/bootstrap.al2.sh root:root 0755",
    ]);
    expect(runcmd).toEqual([["/var/lib/cloud/scripts/per-instance/bootstrap.al2.sh"]]);
  });

  test("empties the unit's own ExecStart before it sets another, in a file of a name of ours (FT-70, LD-07)", () => {
    const starts = content("10-eks-node.conf")
      .split("\n")
      .filter((line) => line.startsWith("ExecStart="));

    expect(starts).toEqual(["ExecStart=", "ExecStart=/usr/bin/kubelet \\"]);
    expect(text).not.toContain("eksclt");
  });

  test("gives no flag that kubelets of today refuse (FT-73, S2-50)", () => {
    const gone =
      /--(allow-privileged|cloud-provider=aws|container-runtime=|network-plugin|cni-bin-dir|cni-conf-dir|pod-infra-container-image)/;

    expect(text).not.toMatch(gone);
    expect(text).not.toContain("v1alpha1");
  });

  test("has labels, taints, DNS and pods where its kubelet reads them (FT-70, FT-73, S2-53, S2-56)", () => {
    expect(content("kubelet.env")).toBe(
      "NODE_LABELS=tier=web,example.com/zone=\nNODE_TAINTS=dedicated=web:NoSchedule,dedicated=:NoExecute\n",
    );
    expect(parse(content("kubelet.yaml"))).toMatchObject({ clusterDNS: ["10.100.0.10"], cgroupDriver: "systemd" });
    expect(content("max_pods.map")).toBe("m5.large 29\nt3.medium 17\n");
  });

  test("leaves what systemd and bash expand to them, since Terraform takes $${ for ${ (FT-70)", () => {
    expect(content("10-eks-node.conf")).toContain("--node-ip=$${NODE_IP}");
    expect(content("bootstrap.al2.sh")).not.toMatch(/(?<!\$)\$\{|(?<!%)%\{/);
  });
});

describe.each(EKS_VERSIONS)("a kubelet of Kubernetes %s", (version) => {
  // Versions that the lab does not build have a table of kubelet alone.
  const tables: Readonly<Record<string, string>> = { "1.32": "kubelet-1.32.13", "1.33": "kubelet-1.33.13" };
  const release = RELEASES.find(({ kubernetes }) => kubernetes.startsWith(`${version}.`));
  const { flags, deprecated } = flagTable(tables[version] ?? `kubernetes-${release!.kubernetes}`).programs["kubelet"]!;
  const unknown = (text: string): string[] => {
    const used = text.match(/--[a-z-]+(?==)/g)!;
    expect(used.length).toBeGreaterThan(1);
    return used.filter((flag) => !flags.includes(flag) && !deprecated.includes(flag));
  };

  test("knows every flag that nodes of Amazon Linux 2023 and Ubuntu give it (FT-71, FT-73, S2-49)", () => {
    const { kubelet } = nodeadm(nodeConfig(cluster, full)!).spec as { kubelet: { flags: string[] } };
    const { runcmd } = parse(ubuntuBootstrap(cluster, full)) as { runcmd: [string[]] };

    expect(unknown(kubelet.flags.join(" "))).toEqual([]);
    expect(unknown(runcmd[0].at(-1)!)).toEqual([]);
  });

  test("knows the flag of every field that Ubuntu takes (FT-73)", () => {
    const taken = Object.values(KUBELET_FIELDS).flatMap(({ flag }) => (flag === undefined ? [] : [`--${flag}=`]));

    expect(unknown(taken.join(" "))).toEqual([]);
  });

  // There is none of a later version.
  const one = version === "1.32" ? test : undefined;
  one?.("knows every flag that nodes of Amazon Linux 2 give it (FT-70, FT-73, S2-49, S2-50)", () => {
    const { write_files: files } = parse(legacyCloudConfig(cluster, full, {})) as {
      write_files: { content: string }[];
    };

    expect(unknown(files[0]!.content)).toEqual([]);
    expect(files[0]!.content.match(/--[a-z-]+=/g)).toHaveLength(11);
  });
});

test.each([0, 60])(
  "user data stays within the 16 KiB that EC2 takes, with the largest authorities that are let through and %i exceptions (FT-86, F-34)",
  (count) => {
    const exceptions = Array.from({ length: count }, (_, index) => `.department-${index}.corp.example`);
    const reached = {
      ...{ networkCidr: "10.240.0.0/16", podCidr: "10.240.0.0/16", serviceCidr: "172.20.0.0/16" },
      ...{ clusterDomain: "cluster.local", apiName: cluster.endpoint.replace("https://", "") },
      names: Array.from({ length: 20 }, (_, index) => `service-${index}.eu-west-1.amazonaws.com`),
    };
    const real = { ...cluster, certificateAuthority: "L".repeat(1500) };
    const behind = { ...proxy, exceptions: directly(reached, exceptions), ca: "M".repeat(roomOfAuthorities(exceptions)) };

    for (const text of [nodeConfig(real, full, behind)!, bottlerocketSettings(real, full, behind)!]) {
      expect(text.length).toBeLessThanOrEqual(16 * 1024);
      expect(text.length).toBeGreaterThan(11 * 1024);
    }
  },
);
