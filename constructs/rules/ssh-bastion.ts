import { isIP } from "node:net";
import { isKnown } from "../core/known";
import { isCidr, prefixOf } from "./blocks";
import type { HardWaySettings } from "./hard-way-settings";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

type Bastion = NonNullable<HardWaySettings["sshBastion"]>;
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk0kx1+AWc3Qh2XnN2d5rvEFvS2xW0Xw0QhXn3a9m1K";
const PUBLIC_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384)) [A-Za-z0-9+/]+=*( [^\n]*)?$/;
const typeOf = (key: string): string => key.split(" ")[0]!;
const BASTION = { port: 22, user: "ec2-user", host: "bastion.corp.example", hostKeys: [HOST_KEY] };
const breaking =
  (change: Partial<Bastion>) =>
  (good: HardWaySettings): HardWaySettings => {
    // The key is one that only Terraform knows, and so not judged.
    const { privateKey, ...rest }: Partial<Bastion> = change;
    const sshBastion = { ...BASTION, cidr: "10.1.2.4/32", privateKey, ...rest } as Bastion;
    return { ...good, ...PRIVATE, sshAddress: "bastion", sshBastion };
  };
const bastionPath =
  <Key extends keyof Bastion>(key: Key) =>
  ({ sshBastion }: HardWaySettings): Record<string, unknown> => ({ [`ssh.bastion.${key}`]: sshBastion?.[key] });

/** A bastion that somebody else made. */
export const SSH_BASTION_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "ssh-bastion-alone",
    of: ({ sshBastion, bastion }) => ({
      // Only what there is: the host may be known to Terraform alone.
      bastion: sshBastion !== undefined && bastion !== undefined ? Object.keys(bastion) : undefined,
    }),
    accepts: () => false,
    must: "must not be given beside ssh.bastion, since Terraform goes through one of them",
    cure: "leave out bastion, or ssh.bastion",
    breaks: (good) => ({ ...breaking({})(good), bastion: { instanceType: "t3.micro" } }),
  },
  {
    id: "ssh-bastion-used",
    of: ({ sshBastion, sshAddress }) => ({ "ssh.address": sshBastion === undefined ? undefined : sshAddress }),
    accepts: (address: string) => address === "bastion",
    must: "must be bastion where ssh.bastion is named, or nothing would go through it",
    cure: "leave it out, or leave out ssh.bastion",
    breaks: (good) => ({ ...breaking({})(good), sshAddress: "private" }),
  },
  {
    id: "ssh-bastion-host",
    of: bastionPath("host"),
    accepts: (host: string) => isIP(host) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host),
    must: "must be a name or an address, without user and port",
    cure: "write it as in bastion.corp.example, its user in ssh.bastion.user and its port in ssh.bastion.port",
    breaks: breaking({ host: "ec2-user@bastion.corp.example" }),
    variables: {
      ssh_bastion_host: {
        condition:
          'can(regex("^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", var.ssh_bastion_host)) || can(cidrhost(format("%s/128", var.ssh_bastion_host), 0))',
        breaks: "ec2-user@bastion.corp.example",
      },
    },
  },
  {
    id: "ssh-bastion-port",
    of: bastionPath("port"),
    accepts: (port: number) => Number.isInteger(port) && port >= 1 && port <= 65535,
    must: "must be a port, 1 to 65535",
    cure: "leave it out for 22",
    breaks: breaking({ port: 0 }),
    variables: {
      ssh_bastion_port: {
        condition:
          "var.ssh_bastion_port >= 1 && var.ssh_bastion_port <= 65535 && floor(var.ssh_bastion_port) == var.ssh_bastion_port",
        breaks: "0",
      },
    },
  },
  {
    id: "ssh-bastion-user",
    of: bastionPath("user"),
    accepts: (user: string) => /^[^\s:]+$/.test(user),
    must: "must be the name of a user there",
    cure: "write it as in ec2-user",
    breaks: breaking({ user: "" }),
    variables: {
      ssh_bastion_user: { condition: 'can(regex("^[^:[:space:]]+$", var.ssh_bastion_user))', breaks: "" },
    },
  },
  {
    id: "ssh-bastion-private-key",
    // Only whether it is known here: of what it says nothing is shown.
    of: ({ sshBastion }) => {
      const key = sshBastion?.privateKey;
      return { "ssh.bastion.privateKey": key !== undefined && isKnown(key) ? "***" : undefined };
    },
    accepts: () => false,
    must: "must come from Terraform, since plain text would stand in what is generated",
    cure: "pass a sensitive Terraform variable, or what a data source reads from a store of secrets",
    breaks: breaking({ privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----" }),
  },
  {
    id: "ssh-bastion-host-keys",
    of: bastionPath("hostKeys"),
    // Of several keys of a type Terraform looks at the first alone, and P-521 is the type of one that nobody shows.
    accepts: (keys: readonly string[]) =>
      keys.length > 0 && keys.every((key) => PUBLIC_KEY.test(key)) && new Set(keys.map(typeOf)).size === keys.length,
    must: "must be the public keys of an SSH server, ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256 or -nistp384, one of a type, or anybody could answer as the bastion",
    cure: "read them there, by cat /etc/ssh/ssh_host_*_key.pub",
    breaks: breaking({ hostKeys: [] }),
    variables: {
      ssh_bastion_host_keys: {
        condition:
          'length(var.ssh_bastion_host_keys) > 0 && alltrue([for key in var.ssh_bastion_host_keys : can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384)) [A-Za-z0-9+/]+=*( .*)?$", key))]) && length(distinct([for key in var.ssh_bastion_host_keys : split(" ", key)[0]])) == length(var.ssh_bastion_host_keys)',
        breaks: "[]",
      },
    },
  },
  {
    id: "ssh-bastion-source",
    of: ({ sshBastion }) =>
      sshBastion === undefined
        ? {}
        : {
            "ssh.bastion.cidr and ssh.bastion.securityGroupId": [sshBastion.cidr, sshBastion.securityGroupId].filter(
              (source) => source !== undefined,
            ).length,
          },
    accepts: (count: number) => count === 1,
    must: "must be one of them: machines let SSH in from there, and from nowhere else for it",
    cure: "name the bastion's security group, or the block that machines see it come from",
    breaks: breaking({ cidr: undefined }),
  },
  {
    id: "ssh-bastion-cidr",
    of: bastionPath("cidr"),
    accepts: (cidr: string) => isCidr(cidr) && prefixOf(cidr) >= 8,
    must: "must be an IPv4 CIDR without host bits, no larger than a /8",
    cure: "write the bastion's own address with /32",
    breaks: breaking({ cidr: "0.0.0.0/0" }),
    variables: {
      ssh_bastion_cidr: {
        condition:
          'can(cidrnetmask(var.ssh_bastion_cidr)) && try(cidrhost(var.ssh_bastion_cidr, 0) == split("/", var.ssh_bastion_cidr)[0] && tonumber(split("/", var.ssh_bastion_cidr)[1]) >= 8, false)',
        breaks: "0.0.0.0/0",
      },
    },
  },
  {
    id: "ssh-bastion-group",
    of: bastionPath("securityGroupId"),
    accepts: (id: string) => /^([0-9]{12}\/)?sg-[0-9a-f]{8,17}$/.test(id),
    must: "must be the id of a security group: sg- and 8 to 17 hexadecimal digits, after ACCOUNT/ where a peered VPC of another account has it",
    cure: "copy it from the VPC console, or from the output of the Terraform that made it",
    breaks: breaking({ cidr: undefined, securityGroupId: "bastion" }),
  },
];
