import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";

/**
 * By what a machine is known over SSH. It is made with a key for its first connection, which lies in its user data; over
 * that connection it gets the one that it keeps, and from then on the first is trusted by nobody.
 */
export class SshHostKey extends Construct {
  /** Lines of #cloud-config that give the machine its first key, and no other. Sensitive. */
  readonly cloudConfig: string;
  /** The key that the machine keeps, in OpenSSH's format; sensitive. */
  readonly privateKey: string;
  /** Its public half: type and key. As text, which one of Terraform's functions would not take for an expression. */
  readonly publicKey: string;
  /** The same with a line break, for such functions. */
  readonly publicKeyOpenssh: string;
  /** Public half of the key for its first connection. */
  readonly firstPublicKey: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);

    const first = new UserDataHostKey(this, "first", { ecdsaCurve: "P256" });
    const lasting = new PrivateKey(this, "lasting", { algorithm: "ED25519" });

    this.cloudConfig = first.cloudConfig;
    this.privateKey = lasting.privateKeyOpenssh;
    this.publicKey = publicHalf(lasting);
    this.publicKeyOpenssh = lasting.publicKeyOpenssh;
    this.firstPublicKey = first.publicKey;
  }
}

/** A host key that a machine has from its first boot on, out of its user data, where it can be read as long as it lives. */
export class UserDataHostKey extends PrivateKey {
  /** Lines of #cloud-config that give the machine this key, and no other. Sensitive. */
  readonly cloudConfig: string;
  /** Its public half: type and key. */
  readonly publicKey: string;

  constructor(scope: Construct, id: string, { ecdsaCurve }: { readonly ecdsaCurve: "P256" | "P384" }) {
    // Of all kinds that a server may offer, Terraform's client takes ECDSA first: whatever else the image makes.
    super(scope, id, { algorithm: "ECDSA", ecdsaCurve });
    this.publicKey = publicHalf(this);
    this.cloudConfig = [
      "ssh_deletekeys: true",
      "ssh_keys:",
      "  ecdsa_private: |",
      `    \${indent(4, ${read(this, "private_key_openssh")})}`,
      `  ecdsa_public: ${this.publicKey}`,
      "",
    ].join("\n");
  }
}

// As text, since they stand in every connection, where tokens would be a good part of what a synth takes.
const read = (key: PrivateKey, attribute: string): string =>
  `trimspace(${key.terraformResourceType}.${key.friendlyUniqueId}.${attribute})`;
const publicHalf = (key: PrivateKey): string => `\${${read(key, "public_key_openssh")}}`;

/** A key that no machine shows: stands where Terraform wants one, and lets nobody pass. */
export class NobodysHostKey extends PrivateKey {
  /** Its public half: type and key. */
  readonly publicKey: string;

  constructor(scope: Construct, id: string) {
    // Of a kind that no image has.
    super(scope, id, { algorithm: "ECDSA", ecdsaCurve: "P521" });
    this.publicKey = publicHalf(this);
  }
}

/** A machine as known_hosts names it. */
export interface KnownHost {
  readonly name: string;
  readonly privateIp: string;
  /** May be empty. */
  readonly publicIp: string;
  readonly sshHostKey: Pick<SshHostKey, "publicKeyOpenssh">;
}

/** A known_hosts file: a line for each machine, with its name and its addresses. */
export function knownHosts(machines: readonly KnownHost[]): string {
  return machines
    .map(({ name, privateIp, publicIp, sshHostKey }) => {
      const names = Token.asString(Fn.join(",", Token.asList(Fn.compact([name, privateIp, publicIp]))));
      return `${names} ${Token.asString(Fn.trimspace(sshHostKey.publicKeyOpenssh))}\n`;
    })
    .join("");
}
