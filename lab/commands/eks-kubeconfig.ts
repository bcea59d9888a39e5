interface Kubeconfig {
  readonly users: readonly { readonly name: string; readonly user: { exec: Exec } }[];
}

interface Exec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

/**
 * The kubeconfig of an EKS cluster as the lab's operator uses it: with the authenticator's own client, since the lab has no
 * aws command, and with the operator's credentials. Everything else stays as it is.
 */
export function eksKubeconfig(
  given: string,
  authenticator: string,
  environment: Readonly<Record<string, string>>,
): string {
  const config = JSON.parse(given) as Kubeconfig;
  for (const { user } of config.users) {
    const argument = (name: string): string => user.exec.args[user.exec.args.indexOf(name) + 1]!;
    const credentials = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"].map((name) => ({
      name,
      value: environment[name]!,
    }));
    user.exec = {
      ...user.exec,
      command: authenticator,
      args: ["token", "-i", argument("--cluster-name"), "--region", argument("--region")],
      env: [...user.exec.env, ...credentials],
    };
  }
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
