/** How the operator's SSH behaves: asks nobody, remembers no machine, and gives up after some seconds. */
export function sshOptions(connectSeconds: number): string[] {
  return [
    "BatchMode=yes",
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    `ConnectTimeout=${connectSeconds}`,
  ].flatMap((option) => ["-o", option]);
}
