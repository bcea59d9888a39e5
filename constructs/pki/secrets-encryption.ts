import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { Fn } from "cdktf";
import { Construct } from "constructs";

/** The key that Secrets are encrypted with in etcd. */
export class SecretsEncryption extends Construct {
  /** The API server's EncryptionConfiguration; sensitive. */
  readonly config: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);

    // 32 bytes that nobody can guess, without one more provider: the hash of a private key that has no other use.
    const key = new PrivateKey(this, "Resource", { algorithm: "ED25519" });
    this.config = `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources:
      - secrets
    providers:
      - aescbc:
          keys:
            - name: key1
              secret: ${Fn.base64sha256(key.privateKeyPem)}
      - identity: {}
`;
  }
}
