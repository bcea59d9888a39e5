import { CertRequest } from "@cdktf/provider-tls/lib/cert-request";
import { LocallySignedCert } from "@cdktf/provider-tls/lib/locally-signed-cert";
import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { SelfSignedCert } from "@cdktf/provider-tls/lib/self-signed-cert";
import { Construct } from "constructs";

/** What every certificate of a cluster has in common. */
export interface CertificateSettings {
  /** @default 'RSA' - 2048 bits; 'ECDSA' is P-256 and faster */
  readonly algorithm?: "RSA" | "ECDSA";
  /** How long certificates are valid, in hours; authorities ten times as long. @default 8760 - a year */
  readonly validityHours?: number;
  /** How long before its end an apply replaces a certificate, in hours. @default 720 - a month */
  readonly earlyRenewalHours?: number;
}

export interface CertificateRequest {
  /** Name of the certificate's files, and part of its Terraform address. */
  readonly name: string;
  readonly commonName: string;
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usage: "client" | "server" | "both";
}

export interface Certificate {
  readonly certPem: string;
  /** Sensitive. */
  readonly keyPem: string;
}

export interface CertificateAuthorityProps extends CertificateSettings {
  readonly commonName: string;
}

const USAGES = { client: ["client_auth"], server: ["server_auth"], both: ["server_auth", "client_auth"] } as const;

/** A certificate authority of the cluster's own, and what it signs. */
export class CertificateAuthority extends Construct implements Certificate {
  readonly certPem: string;
  readonly keyPem: string;
  private readonly settings: Required<CertificateSettings>;

  constructor(scope: Construct, id: string, props: CertificateAuthorityProps) {
    super(scope, id);
    const { commonName, algorithm = "RSA", validityHours = 8760, earlyRenewalHours = 720 } = props;
    this.settings = { algorithm, validityHours, earlyRenewalHours };

    this.keyPem = this.privateKey(this, "key");
    this.certPem = new SelfSignedCert(this, "Resource", {
      privateKeyPem: this.keyPem,
      subject: [{ commonName }],
      isCaCertificate: true,
      setSubjectKeyId: true,
      validityPeriodHours: validityHours * 10,
      earlyRenewalHours,
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
    }).certPem;
  }

  issue(request: CertificateRequest): Certificate {
    const { name, commonName, organization, dnsNames = [], ipAddresses = [], usage } = request;
    const scope = new Construct(this, name);

    const keyPem = this.privateKey(scope, "key");
    const signingRequest = new CertRequest(scope, "request", {
      privateKeyPem: keyPem,
      subject: [{ commonName, ...(organization === undefined ? {} : { organization }) }],
      ...(dnsNames.length === 0 ? {} : { dnsNames: [...dnsNames] }),
      ...(ipAddresses.length === 0 ? {} : { ipAddresses: [...ipAddresses] }),
    });
    const { certPem } = new LocallySignedCert(scope, "Resource", {
      certRequestPem: signingRequest.certRequestPem,
      caPrivateKeyPem: this.keyPem,
      caCertPem: this.certPem,
      validityPeriodHours: this.settings.validityHours,
      earlyRenewalHours: this.settings.earlyRenewalHours,
      allowedUses: ["digital_signature", "key_encipherment", ...USAGES[usage]],
    });
    return { certPem, keyPem };
  }

  private privateKey(scope: Construct, id: string): string {
    const { algorithm } = this.settings;
    return new PrivateKey(
      scope,
      id,
      algorithm === "RSA" ? { algorithm, rsaBits: 2048 } : { algorithm, ecdsaCurve: "P256" },
    ).privateKeyPem;
  }
}
