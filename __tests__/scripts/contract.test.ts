import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scripts } from "./support/machine";
import { commandLine, declaration, type StageName, stageNames, units } from "./support/stages";

const folder = (...names: string[]): string[] =>
  readdirSync(join(scripts, ...names), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
const everyFile = folder();
const text = (file: string): string => readFileSync(file, "utf8");

// What lib/ gives to a step, and what the shell itself has.
const notFromNodeEnv = [
  "ROOT",
  "HERE",
  "FILES",
  "UPLOAD",
  "SCRATCH",
  "LOG_FILE",
  "STAGE",
  "PATIENCE_SECONDS",
  "DEBIAN_FRONTEND",
];

/** Variables in capitals that the shell code and the units of a stage use. */
function used(stage: StageName): string[] {
  const names = new Set<string>();
  for (const file of folder(stage).filter((name) => name.endsWith(".sh") || name.endsWith(".service"))) {
    const code = text(file).replaceAll(/^\s*#.*$/gm, "");
    for (const match of code.matchAll(/\$\{?#?!?([A-Z][A-Z0-9_]*)/g)) names.add(match[1] ?? "");
  }
  return [...names].filter((name) => !notFromNodeEnv.includes(name)).sort();
}

test.each<[StageName, string, string]>([
  ["ssh-host-key", "NODE_NAME", ""],
  ["proxy", "NODE_NAME PROXY_CA", "PROXY_CA"],
  [
    "control-plane-programs",
    "NODE_NAME KUBE_APISERVER_URL KUBE_APISERVER_SHA256 KUBE_CONTROLLER_MANAGER_URL KUBE_CONTROLLER_MANAGER_SHA256 " +
      "KUBE_SCHEDULER_URL KUBE_SCHEDULER_SHA256 KUBECTL_URL KUBECTL_SHA256",
    "",
  ],
  [
    "worker-programs",
    "NODE_NAME KUBE_PROXY_MODE PACKAGE_MIRROR KUBELET_URL KUBELET_SHA256 KUBE_PROXY_URL KUBE_PROXY_SHA256 KUBECTL_URL " +
      "KUBECTL_SHA256 CONTAINERD_URL CONTAINERD_SHA256 RUNC_URL RUNC_SHA256 CNI_PLUGINS_URL CNI_PLUGINS_SHA256",
    "PACKAGE_MIRROR",
  ],
  [
    "etcd",
    "CLUSTER_NAME NODE_NAME NODE_IP ETCD_VERSION ETCD_URL ETCD_SHA256 ETCD_INITIAL_CLUSTER ETCD_CLUSTER_TOKEN ETCD_ARGUMENTS",
    "ETCD_SHA256 ETCD_ARGUMENTS",
  ],
  [
    "control-plane",
    "CLUSTER_NAME NODE_NAME NODE_IP SSH_USER KUBERNETES_VERSION API_ADDRESS ETCD_SERVERS SERVICE_CIDR POD_CIDR " +
      "SERVICE_NODE_PORT_RANGE KUBE_APISERVER_URL KUBE_APISERVER_SHA256 KUBE_CONTROLLER_MANAGER_URL " +
      "KUBE_CONTROLLER_MANAGER_SHA256 KUBE_SCHEDULER_URL KUBE_SCHEDULER_SHA256 KUBECTL_URL KUBECTL_SHA256 " +
      "POD_NETWORK HEALTH_PROXY PACKAGE_MIRROR KUBE_APISERVER_ARGUMENTS KUBE_CONTROLLER_MANAGER_ARGUMENTS " +
      "KUBE_SCHEDULER_ARGUMENTS",
    "HEALTH_PROXY PACKAGE_MIRROR KUBE_APISERVER_ARGUMENTS KUBE_CONTROLLER_MANAGER_ARGUMENTS KUBE_SCHEDULER_ARGUMENTS",
  ],
  ["vxlan", "NODE_NAME NODE_IP POD_CIDR VXLAN_PEERS", ""],
  [
    "image-credentials",
    "NODE_NAME ECR_CREDENTIAL_PROVIDER_URL ECR_CREDENTIAL_PROVIDER_SHA256",
    "ECR_CREDENTIAL_PROVIDER_SHA256",
  ],
  ["rbac", "NODE_NAME", ""],
  [
    "worker",
    "NODE_NAME NODE_IP NODE_LABELS NODE_TAINTS POD_NETWORK POD_CIDR CLUSTER_POD_CIDR CLUSTER_DNS CLUSTER_DOMAIN API_ADDRESS KUBE_PROXY_MODE PAUSE_IMAGE " +
      "IMAGE_MIRROR PACKAGE_MIRROR KUBERNETES_VERSION CONTAINERD_VERSION RUNC_VERSION CNI_PLUGINS_VERSION " +
      "KUBELET_URL KUBELET_SHA256 KUBE_PROXY_URL KUBE_PROXY_SHA256 KUBECTL_URL KUBECTL_SHA256 CONTAINERD_URL " +
      "CONTAINERD_SHA256 RUNC_URL RUNC_SHA256 CNI_PLUGINS_URL CNI_PLUGINS_SHA256 " +
      "KUBELET_ARGUMENTS KUBE_PROXY_ARGUMENTS KUBELET_CONFIGURATION CONTAINERD_CONFIGURATION",
    "NODE_TAINTS IMAGE_MIRROR PACKAGE_MIRROR KUBELET_ARGUMENTS KUBE_PROXY_ARGUMENTS KUBELET_CONFIGURATION CONTAINERD_CONFIGURATION",
  ],
  ["nodes", "NODE_NAME NODES", ""],
  ["coredns", "COREDNS_IMAGE CLUSTER_DNS CLUSTER_DOMAIN NODE_NAME", ""],
  ["logs", "NODE_NAME AWS_REGION LOGS_ENDPOINT LOG_GROUP OTELCOL_VERSION OTELCOL_URL OTELCOL_SHA256", "OTELCOL_SHA256"],
])("%s declares the variables that Terraform gives it", (stage, reads, mayBeEmpty) => {
  expect(declaration(stage)).toEqual({
    reads: reads.split(" "),
    mayBeEmpty: mayBeEmpty.split(" ").filter((name) => name !== ""),
  });
});

test.each(stageNames)("%s uses every variable it declares, and no other", (stage) => {
  // NODE_NAME names the node in every sentence, which lib/ does.
  expect(used(stage)).toEqual(expect.arrayContaining(declaration(stage).reads.filter((name) => name !== "NODE_NAME")));
  expect(declaration(stage).reads).toEqual(expect.arrayContaining(used(stage)));
});

test.each(stageNames)("%s has a step file for each step, in use", (stage) => {
  const steps = [...text(join(scripts, stage, "run.sh")).matchAll(/^step (.*)$/gm)].map((match) => match[1]);

  expect([...steps].sort()).toEqual(folder(stage, "steps").map((file) => file.replace(/^.*\/(.*)\.sh$/, "$1")));
});

test("no stage reaches into the folder of another", () => {
  for (const stage of stageNames) {
    for (const other of stageNames.filter((name) => name !== stage)) {
      for (const file of folder(stage)) expect(text(file)).not.toMatch(new RegExp(`\\.\\./${other}/|scripts/${other}`));
    }
  }
});

test("shellcheck finds nothing", () => {
  const standIns = ["commands", "programs"].flatMap((name) =>
    readdirSync(join(__dirname, name)).map((file) => join(__dirname, name, file)),
  );
  const shell = [...everyFile.filter((file) => file.endsWith(".sh")), ...standIns];
  const result = spawnSync("shellcheck", ["--external-sources", ...shell], { encoding: "utf8" });

  expect(result.error).toBeUndefined();
  expect(result.stdout + result.stderr).toBe("");
});

test("a script begins with what it does, and units and manifests are no templates (LD-08)", () => {
  for (const file of everyFile.filter((name) => /\/(run|verify\/[a-z-]+|eks\/[a-z-]+)\.sh$/.test(name))) {
    expect(text(file)).toMatch(/^#!\/usr\/bin\/env bash\n# [A-Z]/);
  }
  for (const file of everyFile.filter((name) => /\/(units|config|manifests)\//.test(name))) {
    expect(text(file)).not.toMatch(/%\{|<%|\{\{/);
  }
});

test("units continue lines with one backslash (LD-09)", () => {
  for (const file of everyFile.filter((name) => name.endsWith(".service"))) {
    expect(text(file)).not.toMatch(/\\\\\n/);
  }
});

test("asks no cloud for values, and knows no other cloud (F-07, F-09)", () => {
  // A node of an Auto Scaling group is made when Terraform is gone, so nothing but its metadata says who it is; and what a
  // check says of one is for people, and sets nothing.
  for (const file of everyFile.filter((name) => !/\/eks-node\/|\/verify\/eks-[a-z]+\.sh$/.test(name))) {
    expect(text(file)).not.toMatch(
      /169\.254\.169\.254|metadata\.google|gcloud|ehttp:|\baws\b (ec2|ssm|eks)|cri-containerd/,
    );
  }
});

test("kubectl is never called without a kubeconfig (F-11)", () => {
  for (const file of everyFile.filter((name) => name.endsWith(".sh"))) {
    for (const [call] of text(file).matchAll(/^.*bin\/kubectl".*$/gm)) {
      expect(call).toMatch(/--kubeconfig=/);
    }
  }
});

test("every download is of one version per program (F-08, FT-33)", () => {
  for (const file of everyFile) {
    expect(text(file)).not.toMatch(/https?:\/\/[^\s"']*\/v?\d+\.\d+\.\d+\//);
  }
  expect(stageNames.flatMap((stage) => units(stage).map((unit) => commandLine(stage, unit)[0]))).toEqual([
    "/usr/bin/env",
    "/usr/local/sbin/vxlan-device",
    "/usr/local/bin/kube-apiserver",
    "/usr/local/bin/kube-controller-manager",
    "/usr/local/bin/kube-scheduler",
    "/usr/local/bin/containerd",
    "/usr/local/bin/kube-proxy",
    "/usr/local/bin/kubelet",
    "/usr/local/bin/otelcol-contrib",
  ]);
});
