import type { CertificateRequest } from "../../constructs/pki/certificate-authority";
import {
  certificateRequests,
  KUBELET_CLIENT_USER,
  type CertificateTable,
} from "../../constructs/pki/certificate-requests";

const table = certificateRequests({
  controllers: [0, 1, 2].map((index) => ({ name: `controller-${index}`, privateIp: `10.240.0.1${index}` })),
  workers: [0, 1].map((index) => ({ name: `worker-${index}`, privateIp: `10.240.0.2${index}` })),
  apiNames: ["blue-api.elb.eu-west-1.amazonaws.com"],
  apiServiceIp: "10.32.0.1",
  clusterDomain: "cluster.local",
});
const find = (authority: keyof CertificateTable, name: string): CertificateRequest =>
  table[authority].find((request) => request.name === name)!;

test.each<[keyof CertificateTable, string, string, string | undefined, string]>([
  ["kubernetes", "admin", "admin", "system:masters", "client"],
  [
    "kubernetes",
    "kube-controller-manager",
    "system:kube-controller-manager",
    "system:kube-controller-manager",
    "client",
  ],
  ["kubernetes", "kube-scheduler", "system:kube-scheduler", "system:kube-scheduler", "client"],
  ["kubernetes", "kube-proxy", "system:kube-proxy", "system:node-proxier", "client"],
  ["kubernetes", "kube-apiserver", "kube-apiserver", undefined, "server"],
  ["kubernetes", "kubelet-client", "kubernetes", undefined, "client"],
  ["kubernetes", "worker-0", "system:node:worker-0", "system:nodes", "both"],
  ["kubernetes", "worker-1", "system:node:worker-1", "system:nodes", "both"],
  ["etcd", "controller-0", "controller-0", undefined, "both"],
  ["etcd", "controller-1", "controller-1", undefined, "both"],
  ["etcd", "controller-2", "controller-2", undefined, "both"],
  ["etcd", "client", "kube-apiserver-etcd-client", undefined, "client"],
  ["front-proxy", "client", "front-proxy-client", undefined, "client"],
])("%s signs for %s the name %s of %s, good as %s (FT-22)", (authority, name, commonName, organization, usage) => {
  const request = find(authority, name);

  expect([request.commonName, request.organization, request.usage]).toEqual([commonName, organization, usage]);
});

test("nobody else gets a certificate (FT-22)", () => {
  expect([table.kubernetes.length, table.etcd.length, table["front-proxy"].length]).toEqual([8, 4, 1]);
});

test("the API server is known by every name it is called (FT-23, FT-10, LD-02)", () => {
  expect(find("kubernetes", "kube-apiserver").dnsNames).toEqual([
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
    "controller-0",
    "controller-1",
    "controller-2",
    "blue-api.elb.eu-west-1.amazonaws.com",
  ]);
});

test("the API server is known by every address it is called (FT-23)", () => {
  expect(find("kubernetes", "kube-apiserver").ipAddresses).toEqual([
    "127.0.0.1",
    "10.32.0.1",
    "10.240.0.10",
    "10.240.0.11",
    "10.240.0.12",
  ]);
});

test("a kubelet is the user that the Node Authorizer knows its node by (FT-27)", () => {
  expect(find("kubernetes", "worker-1")).toEqual({
    name: "worker-1",
    commonName: "system:node:worker-1",
    organization: "system:nodes",
    dnsNames: ["worker-1"],
    ipAddresses: ["10.240.0.21"],
    usage: "both",
  });
});

test("an etcd member is known by its name and address, and to itself (FT-30)", () => {
  expect(find("etcd", "controller-2")).toMatchObject({
    dnsNames: ["controller-2", "localhost"],
    ipAddresses: ["10.240.0.12", "127.0.0.1"],
  });
});

test("the API server is to kubelets the user that the RBAC stage binds (FT-22)", () => {
  expect(KUBELET_CLIENT_USER).toBe("kubernetes");
});

test("the cluster's domain is part of the API server's name (FT-23)", () => {
  const [request] = certificateRequests({
    controllers: [],
    workers: [],
    apiNames: [],
    apiServiceIp: "10.32.0.1",
    clusterDomain: "blue.example",
  }).kubernetes.filter(({ name }) => name === "kube-apiserver");

  expect(request!.dnsNames).toContain("kubernetes.default.svc.blue.example");
});
