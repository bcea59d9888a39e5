import { KeyPair } from "@cdktf/provider-aws/lib/key-pair";
import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { Construct } from "constructs";

export interface SshKeyProps {
  readonly clusterName: string;
}

/** A key pair made for the cluster: ED25519, without a passphrase, so that provisioners never stop to ask. */
export class SshKey extends Construct {
  readonly name: string;
  /** In OpenSSH's format; sensitive. */
  readonly privateKey: string;

  constructor(scope: Construct, id: string, props: SshKeyProps) {
    super(scope, id);

    const key = new PrivateKey(this, "Resource", { algorithm: "ED25519" });
    this.name = new KeyPair(this, "key-pair", { keyName: props.clusterName, publicKey: key.publicKeyOpenssh }).keyName;
    this.privateKey = key.privateKeyOpenssh;
  }
}
