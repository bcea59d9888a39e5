import type { CertificateRequest } from "./certificate-authority";

interface Node {
  readonly name: string;
  readonly privateIp: string;
}

/** What the certificates of a cluster speak of. */
export interface CertificateSubjects {
  readonly controllers: readonly Node[];
  readonly workers: readonly Node[];
  /** Names under which the API is reached from outside. */
  readonly apiNames: readonly string[];
  /** First address of the service block, which the `kubernetes` service has. */
  readonly apiServiceIp: string;
  readonly clusterDomain: string;
}

/** Who signs. Three authorities, so that a kubelet's certificate opens neither etcd nor the aggregated APIs. */
export interface CertificateTable {
  readonly kubernetes: readonly CertificateRequest[];
  readonly etcd: readonly CertificateRequest[];
  readonly "front-proxy": readonly CertificateRequest[];
}

/** The user that the API server is for kubelets; the RBAC stage binds it. */
export const KUBELET_CLIENT_USER = "kubernetes";

/** Every certificate of a cluster: who needs it, whose name it bears, what it is good for. */
export function certificateRequests(subjects: CertificateSubjects): CertificateTable {
  const { controllers, workers, apiNames, apiServiceIp, clusterDomain } = subjects;
  const component = (name: string): CertificateRequest => ({
    name,
    commonName: `system:${name}`,
    organization: name === "kube-proxy" ? "system:node-proxier" : `system:${name}`,
    usage: "client",
  });
  return {
    kubernetes: [
      { name: "admin", commonName: "admin", organization: "system:masters", usage: "client" },
      component("kube-controller-manager"),
      component("kube-scheduler"),
      component("kube-proxy"),
      {
        name: "kube-apiserver",
        commonName: "kube-apiserver",
        dnsNames: [
          "kubernetes",
          "kubernetes.default",
          "kubernetes.default.svc",
          `kubernetes.default.svc.${clusterDomain}`,
          "localhost",
          ...controllers.map(({ name }) => name),
          ...apiNames,
        ],
        ipAddresses: ["127.0.0.1", apiServiceIp, ...controllers.map(({ privateIp }) => privateIp)],
        usage: "server",
      },
      { name: "kubelet-client", commonName: KUBELET_CLIENT_USER, usage: "client" },
      // The name the Node Authorizer knows a kubelet by, and the addresses the API server calls it at.
      ...workers.map(({ name, privateIp }): CertificateRequest => ({
        name,
        commonName: `system:node:${name}`,
        organization: "system:nodes",
        dnsNames: [name],
        ipAddresses: [privateIp],
        usage: "both",
      })),
    ],
    etcd: [
      ...controllers.map(({ name, privateIp }): CertificateRequest => ({
        name,
        commonName: name,
        dnsNames: [name, "localhost"],
        ipAddresses: [privateIp, "127.0.0.1"],
        usage: "both",
      })),
      { name: "client", commonName: "kube-apiserver-etcd-client", usage: "client" },
    ],
    "front-proxy": [{ name: "client", commonName: "front-proxy-client", usage: "client" }],
  };
}
