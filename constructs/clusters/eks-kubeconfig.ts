/** The cluster of a kubeconfig. */
export interface KubeconfigCluster {
  readonly name: string;
  readonly region: string;
  readonly endpoint: string;
  /** Certificate of the authority in base64. */
  readonly certificateAuthority: string;
}

/** A kubeconfig without a secret: the aws command fetches a token at each call. JSON is YAML, and kubectl reads it. */
export function execKubeconfig({ name, region, endpoint, certificateAuthority }: KubeconfigCluster): string {
  const cluster = { server: endpoint, "certificate-authority-data": certificateAuthority };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "aws",
    args: ["eks", "get-token", "--output", "json", "--cluster-name", name, "--region", region],
    env: [{ name: "AWS_STS_REGIONAL_ENDPOINTS", value: "regional" }],
    interactiveMode: "Never",
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name, user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
