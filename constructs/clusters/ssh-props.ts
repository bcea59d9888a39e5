export interface Ssh {
  /**
   * How Terraform reaches a machine: `public` and `private` at that address of its, `bastion` through it. Private
   * machines without a bastion need it said: `private`, where Terraform runs inside the network.
   * @default - 'public' for public machines, 'bastion' for private ones behind one
   */
  readonly address?: string;
  /** How long Terraform tries to reach a machine, in s or m. @default '5m' */
  readonly timeout?: string;
}
