/** Under which name a machine stands in a known_hosts file. */
interface Known {
  readonly file: string;
  readonly name: string;
}

/**
 * How the operator's SSH behaves: asks nobody, remembers no machine, and gives up after some seconds. Whom it does not
 * know it refuses; where nobody is known, it takes everyone.
 */
export function sshOptions(connectSeconds: number, known?: Known): string[] {
  return [
    "BatchMode=yes",
    ...(known === undefined
      ? ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
      : ["StrictHostKeyChecking=yes", `UserKnownHostsFile=${known.file}`, `HostKeyAlias=${known.name}`]),
    "GlobalKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    `ConnectTimeout=${connectSeconds}`,
  ].flatMap((option) => ["-o", option]);
}
