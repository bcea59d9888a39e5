import { files, hardWay } from "../support/hard-way";
import { references, withoutHash } from "../support/resources";

const guide = hardWay({ controlPlane: { count: 3 }, workers: { count: 2 } });
const sources = (values: Readonly<Record<string, string>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, references(value).map(withoutHash)]));
const certificate = (name: string): string[] => [`tls_locally_signed_cert.cluster_pki_${name}`];
const key = (name: string): string[] => [`tls_private_key.cluster_pki_${name}_key`];
const kubeconfig = (name: string): string[] => [
  `tls_locally_signed_cert.cluster_pki_kubernetes_${name}`,
  `tls_private_key.cluster_pki_kubernetes_${name}_key`,
  "tls_self_signed_cert.cluster_pki_kubernetes",
];

test("an etcd member holds its own certificate and the authority's (FT-24)", () => {
  expect(sources(files(guide, "etcd/controller-1"))).toEqual({
    "etcd-ca.pem": ["tls_self_signed_cert.cluster_pki_etcd"],
    "etcd.pem": certificate("etcd_controller-1"),
    "etcd-key.pem": key("etcd_controller-1"),
  });
});

test("a controller holds what its three components need (FT-24, FT-21)", () => {
  expect(sources(files(guide, "control-plane/controller-1"))).toEqual({
    "ca.pem": ["tls_self_signed_cert.cluster_pki_kubernetes"],
    "ca-key.pem": key("kubernetes"),
    "kube-apiserver.pem": certificate("kubernetes_kube-apiserver"),
    "kube-apiserver-key.pem": key("kubernetes_kube-apiserver"),
    "kubelet-client.pem": certificate("kubernetes_kubelet-client"),
    "kubelet-client-key.pem": key("kubernetes_kubelet-client"),
    "etcd-ca.pem": ["tls_self_signed_cert.cluster_pki_etcd"],
    "etcd-client.pem": certificate("etcd_client"),
    "etcd-client-key.pem": key("etcd_client"),
    "front-proxy-ca.pem": ["tls_self_signed_cert.cluster_pki_front-proxy"],
    "front-proxy-client.pem": certificate("front-proxy_client"),
    "front-proxy-client-key.pem": key("front-proxy_client"),
    "service-account.pem": ["tls_private_key.cluster_pki_service-account"],
    "service-account-key.pem": ["tls_private_key.cluster_pki_service-account"],
    "encryption-config.yaml": ["tls_private_key.cluster_secrets-encryption"],
    "kube-controller-manager.kubeconfig": kubeconfig("kube-controller-manager"),
    "kube-scheduler.kubeconfig": kubeconfig("kube-scheduler"),
    "admin.kubeconfig": kubeconfig("admin"),
  });
});

test("a worker holds its own certificate, no authority's key and nobody else's (FT-24, FT-21)", () => {
  const endpoint = "aws_lb.cluster_api";

  expect(sources(files(guide, "worker/worker-1"))).toEqual({
    "ca.pem": ["tls_self_signed_cert.cluster_pki_kubernetes"],
    "kubelet.pem": certificate("kubernetes_worker-1"),
    "kubelet-key.pem": key("kubernetes_worker-1"),
    "kubelet.kubeconfig": [endpoint, ...kubeconfig("worker-1")],
    "kube-proxy.kubeconfig": [endpoint, ...kubeconfig("kube-proxy")],
  });
});

test("all API servers sign and read service accounts' tokens with one key pair (FT-24)", () => {
  const halves = ["service-account.pem", "service-account-key.pem"].map(
    (name) => /\.(\w+)\}$/.exec(files(guide, "control-plane/controller-0")[name]!)![1],
  );

  expect(halves).toEqual(["public_key_pem", "private_key_pem"]);
});

test.each([
  ["kube-controller-manager.kubeconfig", "system:kube-controller-manager"],
  ["kube-scheduler.kubeconfig", "system:kube-scheduler"],
  ["admin.kubeconfig", "admin"],
])("a controller's %s is %s's, to the API server beside it (FT-26, FT-35, FT-36, FT-39)", (name, user) => {
  const text = files(guide, "control-plane/controller-0")[name]!;

  expect(text).toContain("server: https://127.0.0.1:6443\n");
  expect(text).toContain(`user: ${user}\n`);
});

test.each([
  ["worker/worker-0", "kubelet.kubeconfig", "system:node:worker-0"],
  ["worker/worker-1", "kubelet.kubeconfig", "system:node:worker-1"],
  ["worker/worker-0", "kube-proxy.kubeconfig", "system:kube-proxy"],
] as const)("on %s the %s is %s's (FT-26, FT-27)", (stage, name, user) => {
  expect(files(guide, stage)[name]).toContain(`user: ${user}\n`);
});

test("RBAC and DNS are applied with what the controller holds already (FT-24)", () => {
  expect([files(guide, "rbac/controller-0"), files(guide, "coredns/controller-0")]).toEqual([{}, {}]);
});
