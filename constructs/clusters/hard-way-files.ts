import { PORTS } from "../facts/ports";
import type { SshHostKey } from "../machines/ssh-host-key";
import { proxyEnvironment, type Proxy, type Reached } from "../network/proxy";
import { kubeconfig } from "../pki/kubeconfig";
import type { Pki } from "../pki/pki";

/** The SSH host key that a machine keeps. */
export function hostKeyFiles({ privateKey, publicKey }: SshHostKey): Record<string, string> {
  return { "ssh-host-key": privateKey, "ssh-host-key.pub": publicKey };
}

/** How a machine goes through the proxy. */
export function proxyFiles(proxy: Proxy, reached: Reached): Record<string, string> {
  return { "proxy.env": proxyEnvironment(proxy, reached), "proxy-ca.pem": proxy.caBundle ?? "" };
}

/** The certificates and keys of an etcd member, by file name. */
export function etcdFiles(pki: Pki, name: string): Record<string, string> {
  const { certPem, keyPem } = pki.certificate("etcd", name);
  return { "etcd-ca.pem": pki.etcd.certPem, "etcd.pem": certPem, "etcd-key.pem": keyPem };
}

/** What a controller holds. Its own components call the API server beside them, so that no balancer stands between. */
export function controllerFiles(
  pki: Pki,
  options: { clusterName: string; encryptionConfig: string },
): Record<string, string> {
  const pair = (file: string, authority: Parameters<Pki["certificate"]>[0], name: string): Record<string, string> => {
    const { certPem, keyPem } = pki.certificate(authority, name);
    return { [`${file}.pem`]: certPem, [`${file}-key.pem`]: keyPem };
  };
  const config = (name: string, user: string): Record<string, string> => ({
    [`${name}.kubeconfig`]: kubeconfig({
      clusterName: options.clusterName,
      server: `127.0.0.1:${PORTS.api}`,
      user,
      caPem: pki.kubernetes.certPem,
      certificate: pki.certificate("kubernetes", name),
    }),
  });
  return {
    "ca.pem": pki.kubernetes.certPem,
    "ca-key.pem": pki.kubernetes.keyPem,
    ...pair("kube-apiserver", "kubernetes", "kube-apiserver"),
    ...pair("kubelet-client", "kubernetes", "kubelet-client"),
    "etcd-ca.pem": pki.etcd.certPem,
    ...pair("etcd-client", "etcd", "client"),
    "front-proxy-ca.pem": pki.frontProxy.certPem,
    ...pair("front-proxy-client", "front-proxy", "client"),
    "service-account.pem": pki.serviceAccount.publicKeyPem,
    "service-account-key.pem": pki.serviceAccount.keyPem,
    "encryption-config.yaml": options.encryptionConfig,
    ...config("kube-controller-manager", "system:kube-controller-manager"),
    ...config("kube-scheduler", "system:kube-scheduler"),
    ...config("admin", "admin"),
  };
}

/** What a worker holds: its own name's certificate, no authority's key, and nobody else's. */
export function workerFiles(
  pki: Pki,
  options: { clusterName: string; endpoint: string; name: string },
): Record<string, string> {
  const { clusterName, endpoint, name } = options;
  const kubelet = pki.certificate("kubernetes", name);
  const config = (user: string, certificate: typeof kubelet): string =>
    kubeconfig({ clusterName, server: endpoint, user, caPem: pki.kubernetes.certPem, certificate });
  return {
    "ca.pem": pki.kubernetes.certPem,
    "kubelet.pem": kubelet.certPem,
    "kubelet-key.pem": kubelet.keyPem,
    "kubelet.kubeconfig": config(`system:node:${name}`, kubelet),
    "kube-proxy.kubeconfig": config("system:kube-proxy", pki.certificate("kubernetes", "kube-proxy")),
  };
}
