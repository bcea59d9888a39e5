import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { releasePath, type ReleaseFile } from "../../constructs/facts/release-files";
import { architecture } from "../../lab/artifacts/architecture";
import type { Kubeadm } from "../../lab/artifacts/kubeadm";
import { release } from "../../lab/artifacts/versions";
import { environment } from "../../lab/lab";
import { podBlock } from "./blocks";
import type { Machines } from "./machines";
import { Stopwatch } from "./stopwatch";

export interface KubeadmWay {
  readonly id: string;
  readonly name: string;
  /** Whether one machine joins after the other, or all at the same time. */
  readonly joins: "sequential" | "parallel";
  /** What lies on the machines before the clock starts, as in a machine image of one's own: with images come the programs too. */
  readonly beforehand: "nothing" | "programs" | "images";
}

const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
const MIRROR = environment()["TF_VAR_download_mirror"]!;
const PAUSE = `registry.k8s.io/pause:${release.pause}`;

/** Makes a cluster of three controllers and three workers with kubeadm. Gives what took how long. */
export async function runKubeadm(
  machines: Machines,
  way: KubeadmWay,
  { url, etcdImageTag }: Kubeadm,
): Promise<Stopwatch> {
  const [first = "", ...others] = machines.controllers;
  const token = `${hex(3)}.${hex(8)}`;
  const certificateKey = hex(32);
  // The first controller, not the load balancer: one hop less for kubeadm, and its rules let controllers in.
  const endpoint = "10.240.0.10:6443";
  const images = {
    all: [PAUSE, `registry.k8s.io/kube-proxy:v${release.kubernetes}`, `docker.io/coredns/coredns:${release.coredns}`],
    controllers: [
      ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(
        (name) => `registry.k8s.io/${name}:v${release.kubernetes}`,
      ),
      `registry.k8s.io/etcd:${etcdImageTag}`,
    ],
  };
  const prepare = async (machine: string): Promise<void> => {
    await machines.on(machine, prerequisites(machine, url));
    if (way.beforehand !== "images") return;
    const wanted = [...images.all, ...(machine.startsWith("controller") ? images.controllers : [])];
    const pull = (image: string): string => `ctr -n k8s.io images pull --hosts-dir=/etc/containerd/certs.d ${image}`;
    await machines.on(machine, ["set -e", ...wanted.map((image) => `${pull(image)} >/dev/null`)].join("\n"));
  };
  const join = (machine: string): Promise<string> => {
    const options = [`--node-name=${machine}`, `--token=${token}`, "--discovery-token-unsafe-skip-ca-verification"];
    if (machine.startsWith("controller")) options.push("--control-plane", `--certificate-key=${certificateKey}`);
    return machines.on(machine, `kubeadm join ${endpoint} --ignore-preflight-errors=all ${options.join(" ")}`);
  };

  if (way.beforehand !== "nothing") await Promise.all(machines.all.map(prepare));
  const watch = new Stopwatch();
  if (way.beforehand === "nothing") {
    await Promise.all(machines.all.map(prepare));
    watch.lap("programs on the machines");
  }
  await machines.on(
    first,
    `cat >kubeadm.yaml <<'END'\n${configuration({ first, endpoint, token, certificateKey, etcdImageTag })}END\n` +
      "kubeadm init --config=kubeadm.yaml --upload-certs --ignore-preflight-errors=all",
  );
  watch.lap("kubeadm init");
  const rest = [...others, ...machines.workers];
  if (way.joins === "parallel") await Promise.all(rest.map(join));
  else for (const machine of rest) await join(machine);
  watch.lap(`five joins, ${way.joins}`);
  await machines.answer(machines.all.length, "/etc/kubernetes/admin.conf");
  watch.lap("Ready, DNS and Services");
  return watch;
}

function prerequisites(machine: string, kubeadmUrl: string): string {
  const files: ReleaseFile[] = ["containerd", "runc", "cni-plugins", "kubelet", "kubectl"];
  const urls = files.map((file) => [file, releasePath(file, release, architecture)]);
  const values = Object.entries({
    MIRROR,
    PAUSE,
    POD_CIDR: podBlock(machine),
    KUBEADM_URL: kubeadmUrl,
    ...Object.fromEntries(urls.map(([file, path]) => [`${file!.toUpperCase().replace(/-/g, "_")}_URL`, path])),
  });
  const script = readFileSync(join(__dirname, "prerequisites.sh"), "utf8");
  return `${values.map(([name, value]) => `${name}='${value}'`).join("\n")}\n${script}`;
}

function configuration(
  values: Record<"first" | "endpoint" | "token" | "certificateKey" | "etcdImageTag", string>,
): string {
  return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens:
  - token: ${values.token}
certificateKey: ${values.certificateKey}
localAPIEndpoint:
  advertiseAddress: ${values.endpoint.split(":")[0]}
nodeRegistration:
  name: ${values.first}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v${release.kubernetes}
controlPlaneEndpoint: ${values.endpoint}
networking:
  podSubnet: 10.200.0.0/16
  serviceSubnet: 10.32.0.0/24
etcd:
  local:
    imageTag: ${values.etcdImageTag}
dns:
  imageRepository: docker.io/coredns
  imageTag: ${release.coredns}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
failSwapOn: false
# The lab's host may have cgroup v1 only, and its disk says nothing of the machine.
failCgroupV1: false
evictionHard:
  memory.available: 100Mi
  nodefs.available: 1Gi
  imagefs.available: 1Gi
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
conntrack:
  # The limit is the whole host's, which no machine of the lab may set.
  maxPerCore: 0
  min: 0
`;
}
