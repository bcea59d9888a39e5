import { TerraformOutput, TerraformVariable, Token } from "cdktf";
import { downloads, type DownloadsProps } from "../../constructs/bootstrap/downloads";
import { releaseOf } from "../../constructs/facts/versions";
import { synth } from "../support/synth";

const props: DownloadsProps = { release: releaseOf("1.36.3"), architecture: "amd64", mirror: "", checksums: {} };
const KUBELET = "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet";

test("every file that a node may fetch has a URL and a sum (FT-42)", () => {
  const names = ["ETCD", "KUBE_APISERVER", "KUBE_CONTROLLER_MANAGER", "KUBE_SCHEDULER", "KUBECTL"];
  const workers = ["KUBELET", "KUBE_PROXY", "CONTAINERD", "RUNC", "CNI_PLUGINS", "ECR_CREDENTIAL_PROVIDER", "OTELCOL"];

  expect(Object.keys(downloads(props))).toEqual(
    [...names, ...workers].flatMap((name) => [`${name}_URL`, `${name}_SHA256`]),
  );
});

test.each([
  ["ETCD_URL", "https://github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz"],
  ["KUBE_APISERVER_URL", "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver"],
  ["KUBE_CONTROLLER_MANAGER_URL", "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-controller-manager"],
  ["KUBE_SCHEDULER_URL", "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-scheduler"],
  ["KUBECTL_URL", "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubectl"],
  ["KUBELET_URL", "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet"],
  ["KUBE_PROXY_URL", "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-proxy"],
  [
    "CONTAINERD_URL",
    "https://github.com/containerd/containerd/releases/download/v2.3.4/containerd-2.3.4-linux-amd64.tar.gz",
  ],
  ["RUNC_URL", "https://github.com/opencontainers/runc/releases/download/v1.4.3/runc.amd64"],
  [
    "CNI_PLUGINS_URL",
    "https://github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-amd64-v1.9.1.tgz",
  ],
] as const)("%s is %s (FT-42)", (name, url) => {
  expect(downloads(props)[name]).toBe(url);
});

test.each([
  ["http://mirror.example.com", "http://mirror.example.com/dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet"],
  [
    "https://mirror.example.com/k8s/",
    "https://mirror.example.com/k8s/dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet",
  ],
])("with the mirror %s the kubelet comes from %s (FT-42)", (mirror, url) => {
  expect(downloads({ ...props, mirror }).KUBELET_URL).toBe(url);
});

test("a sum is found by the URL without its scheme, whatever the mirror (FT-42)", () => {
  const checksums = { [KUBELET]: "0f".repeat(32) };

  expect(downloads({ ...props, mirror: "http://mirror.example.com", checksums }).KUBELET_SHA256).toBe("0f".repeat(32));
});

test("a sum that nobody gave is empty (FT-33)", () => {
  expect(downloads(props).ETCD_SHA256).toBe("");
});

describe("with Terraform variables", () => {
  const stack = synth((scope) => {
    const mirror = new TerraformVariable(scope, "download_mirror", { type: "string" }).stringValue;
    const sums = new TerraformVariable(scope, "checksums", { type: "map(string)" });
    const values = downloads({ ...props, mirror, checksums: Token.asStringMap(sums.value) });
    new TerraformOutput(scope, "url", { value: values.KUBELET_URL });
    new TerraformOutput(scope, "sum", { value: values.KUBELET_SHA256 });
  });
  const { output } = JSON.parse(stack.json) as { output: Record<string, { value: string }> };

  test("Terraform chooses between the mirror and the publisher (FT-42)", () => {
    expect(output.url!.value).toBe(`\${coalesce(trimsuffix(var.download_mirror, "/"), "https:/")}/${KUBELET}`);
  });

  test("Terraform looks the sum up, and takes none for an unknown file (FT-42)", () => {
    expect(output.sum!.value).toBe(`\${try(var.checksums["${KUBELET}"], "")}`);
  });
});
