/** What a node has to know of its cluster. */
export interface NodeCluster {
  readonly name: string;
  readonly endpoint: string;
  /** Certificate of the authority in base64. */
  readonly certificateAuthority: string;
  readonly serviceCidr: string;
}

/** What a kubelet is started with, besides. */
export interface KubeletSettings {
  /** As `key=value,key=value`; empty: none. */
  readonly labels: string;
  /** As `key=value:effect,key:effect`; empty: none. */
  readonly taints: string;
  /** Fields of KubeletConfiguration. */
  readonly config: Readonly<Record<string, unknown>>;
}

const BOUNDARY = "//";

/** Parts of user data, as cloud-init and nodeadm read them. */
export function multipart(parts: readonly { readonly type: string; readonly text: string }[]): string {
  return [
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    "",
    ...parts.flatMap(({ type, text }) => [`--${BOUNDARY}`, `Content-Type: ${type}`, "", text.trimEnd(), ""]),
    `--${BOUNDARY}--`,
    "",
  ].join("\n");
}

// Source: awslabs.github.io/amazon-eks-ami/nodeadm/doc/api. JSON is YAML, and needs no quoting of its own.
/** A node of Amazon Linux 2023, by nodeadm. */
export function nodeConfig(cluster: NodeCluster, kubelet: KubeletSettings): string {
  const { name, endpoint, certificateAuthority, serviceCidr } = cluster;
  return multipart([
    {
      type: "application/node.eks.aws",
      text: nodeConfigText({
        cluster: { name, apiServerEndpoint: endpoint, certificateAuthority, cidr: serviceCidr },
        kubelet: kubeletOf(kubelet),
      }),
    },
  ]);
}

export function nodeConfigText(spec: object): string {
  return JSON.stringify({ apiVersion: "node.eks.aws/v1alpha1", kind: "NodeConfig", spec }, undefined, 2);
}

function kubeletOf({ labels, taints, config }: KubeletSettings): object {
  const flags = [
    ...(labels === "" ? [] : [`--node-labels=${labels}`]),
    ...(taints === "" ? [] : [`--register-with-taints=${taints}`]),
  ];
  return {
    ...(Object.keys(config).length === 0 ? {} : { config }),
    ...(flags.length === 0 ? {} : { flags }),
  };
}
