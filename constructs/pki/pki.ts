import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { Construct } from "constructs";
import {
  CertificateAuthority,
  type Certificate,
  type CertificateRequest,
  type CertificateSettings,
} from "./certificate-authority";
import type { CertificateTable } from "./certificate-requests";

export interface PkiProps extends CertificateSettings {
  readonly clusterName: string;
  readonly requests: CertificateTable;
}

/** The certificate authorities of a cluster, everything they sign, and the keys that no certificate belongs to. */
export class Pki extends Construct {
  readonly kubernetes: CertificateAuthority;
  readonly etcd: CertificateAuthority;
  readonly frontProxy: CertificateAuthority;
  /** Signs service accounts' tokens. RSA, whatever the certificates are: every client reads RS256. */
  readonly serviceAccount: { readonly publicKeyPem: string; readonly keyPem: string };
  private readonly issued: Readonly<Record<keyof CertificateTable, ReadonlyMap<string, Certificate>>>;

  constructor(scope: Construct, id: string, props: PkiProps) {
    super(scope, id);
    const { clusterName, requests, ...settings } = props;

    const authority = (name: string): CertificateAuthority =>
      new CertificateAuthority(this, name, { ...settings, commonName: `${clusterName} ${name}` });
    this.kubernetes = authority("kubernetes");
    this.etcd = authority("etcd");
    this.frontProxy = authority("front-proxy");
    this.issued = {
      kubernetes: issueAll(this.kubernetes, requests.kubernetes),
      etcd: issueAll(this.etcd, requests.etcd),
      "front-proxy": issueAll(this.frontProxy, requests["front-proxy"]),
    };
    const key = new PrivateKey(this, "service-account", { algorithm: "RSA", rsaBits: 2048 });
    this.serviceAccount = { publicKeyPem: key.publicKeyPem, keyPem: key.privateKeyPem };
  }

  /** @throws Error for a certificate that the table does not have. */
  certificate(authority: keyof CertificateTable, name: string): Certificate {
    const certificate = this.issued[authority].get(name);
    if (certificate === undefined) throw new Error(`no certificate '${name}' of the authority '${authority}'`);
    return certificate;
  }
}

function issueAll(
  authority: CertificateAuthority,
  requests: readonly CertificateRequest[],
): ReadonlyMap<string, Certificate> {
  return new Map(requests.map((request) => [request.name, authority.issue(request)]));
}
