import { Fn, TerraformLocal, Token } from "cdktf";
import type { Construct } from "constructs";
import type { SshLogin } from "../bootstrap/bootstrap";
import type { Bastion } from "../machines/bastion";
import { NobodysHostKey } from "../machines/ssh-host-key";
import type { HardWaySettings } from "../rules/hard-way-settings";

/** How Terraform logs in to a cluster's machines. */
export function sshLogin(
  scope: Construct,
  { sshAddress, sshTimeout: timeout, sshBastion }: HardWaySettings,
  { user, privateKey, bastion }: Pick<SshLogin, "user" | "privateKey"> & { readonly bastion: Bastion | undefined },
): SshLogin {
  const login = { user, privateKey, timeout };
  if (sshAddress !== "bastion") return login;
  if (sshBastion !== undefined) return { ...login, through: throughExisting(scope, sshBastion) };
  return bastion === undefined ? login : { ...login, through: throughOurs(bastion, login) };
}

type Through = NonNullable<SshLogin["through"]>;

// Until Terraform 1.16 the bastion too is held to `host_key`, and `bastion_host_key` passed over. Its client writes a known_hosts
// file for each of the two, which begins with that one's address and then has what it is given: so there are lines for both.
// Of several keys of a kind that fit an address it takes the first alone.

/** A key of another kind than a machine's is the bastion's own. */
const throughOurs =
  (
    { publicIp, sshHostKey: { publicKey } }: Bastion,
    { user, privateKey }: Pick<SshLogin, "user" | "privateKey">,
  ): Through =>
  (_, keys) => ({
    hostKey: `${keys.join("\n* ")}\n${publicIp} ${publicKey}`,
    bastionHost: publicIp,
    bastionHostKey: publicKey,
    bastionUser: user,
    bastionPrivateKey: privateKey,
  });

/** Of a stranger's keys any kind may be a machine's too: the first line, which fits both, has a key that nobody shows. */
function throughExisting(scope: Construct, bastion: NonNullable<HardWaySettings["sshBastion"]>): Through {
  const { host, port, user, privateKey, hostKeys } = bastion;
  const nobody = new NobodysHostKey(scope, "ssh-nobody").publicKey;
  const known = `[${host}]:${port}`;
  const next = `\n${known} `;
  const theirs = Token.isUnresolved(hostKeys)
    ? // A local, because a text with tokens in it cannot stand inside one of Terraform's functions.
      Token.asString(Fn.join(new TerraformLocal(scope, "ssh-bastion-line", next).asString, hostKeys as string[]))
    : hostKeys.join(next);
  return (machine, keys) => ({
    hostKey: [nobody, ...keys.map((key) => `${machine} ${key}`), `${known} ${theirs}`].join("\n"),
    bastionHost: host,
    bastionPort: port,
    bastionHostKey: theirs,
    bastionUser: user,
    bastionPrivateKey: privateKey,
  });
}
