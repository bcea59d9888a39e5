import { Fn } from "cdktf";
import type { Certificate } from "./certificate-authority";

export interface KubeconfigProps {
  readonly clusterName: string;
  /** Name and port of the API, such as `127.0.0.1:6443`. */
  readonly server: string;
  readonly user: string;
  readonly caPem: string;
  readonly certificate: Certificate;
}

/** A kubeconfig with everything in it: no path of a machine, so it works wherever it is put. */
export function kubeconfig(props: KubeconfigProps): string {
  const { clusterName, server, user, caPem, certificate } = props;
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${clusterName}
    cluster:
      certificate-authority-data: ${Fn.base64encode(caPem)}
      server: https://${server}
users:
  - name: ${user}
    user:
      client-certificate-data: ${Fn.base64encode(certificate.certPem)}
      client-key-data: ${Fn.base64encode(certificate.keyPem)}
contexts:
  - name: ${clusterName}
    context:
      cluster: ${clusterName}
      user: ${user}
current-context: ${clusterName}
`;
}
