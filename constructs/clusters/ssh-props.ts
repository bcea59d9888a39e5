export interface Ssh {
  /**
   * How Terraform reaches a machine: `public` and `private` at that address of its, `bastion` through it. Private
   * machines without a bastion need it said: `private`, where Terraform runs inside the network.
   * @default - 'bastion' where `ssh.bastion` is named, else 'public' for public machines, 'bastion' for private ones behind one
   */
  readonly address?: string;
  /** How long Terraform tries to reach a machine, in s or m. @default '5m' */
  readonly timeout?: string;
  /** A bastion that is there: Terraform logs in through it, and machines let it in. @default - none, or the one that `bastion` makes */
  readonly bastion?: ExistingBastion;
}

/** A machine of somebody else's that SSH goes through. Each value may be a Terraform variable. */
export interface ExistingBastion {
  /** Name or address, as Terraform reaches it. */
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** Who logs in there; nothing is run as that user. */
  readonly user: string;
  /** Without a passphrase. Sensitive, and refused as plain text: let it come from a Terraform variable. */
  readonly privateKey: string;
  /** Public keys of its SSH server, one of a type, as in `/etc/ssh/ssh_host_*_key.pub` there: it has to show one of them. */
  readonly hostKeys: readonly string[];
  /** Block that machines see it come from: this or `securityGroupId`. */
  readonly cidr?: string;
  /** Id of its security group, in this VPC or in one that it may be referred to from. */
  readonly securityGroupId?: string;
}
