import { Fn, Token } from "cdktf";
import { isKnown } from "../core/known";
import { KUBELET_FIELDS } from "../facts/kubelet-fields";

/** What a node has to know of its cluster. */
export interface NodeCluster {
  readonly name: string;
  readonly endpoint: string;
  /** Certificate of the authority in base64. */
  readonly certificateAuthority: string;
  readonly serviceCidr: string;
  /** Address of DNS, the tenth of the services. */
  readonly dns: string;
  readonly region: string;
}

/** What a kubelet is started with, besides. */
export interface KubeletSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Undefined: as the image reckons. */
  readonly maxPods: number | undefined;
  /** Fields of KubeletConfiguration. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The HTTP proxy that is a node's way out, without a user: user data is no place for one. */
export interface NodeProxy {
  readonly http: string;
  readonly https: string;
  /** What is reached without it. */
  readonly exceptions: readonly string[];
  /** Certificates, in PEM, of the authorities behind one that opens TLS. @default - none */
  readonly ca?: string | undefined;
}

/** As kubelet takes them: `key=value,key=value`. */
export const labelsText = (labels: KubeletSettings["labels"]): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");

/** As kubelet takes them: `key=value:effect,key=:effect`. */
export const taintsText = (taints: KubeletSettings["taints"]): string =>
  taints.map(({ key, value = "", effect }) => `${key}=${value}:${effect}`).join(",");

/** The flags that say labels and taints; none where there are none. */
export function kubeletFlags({ labels, taints }: KubeletSettings): string[] {
  return [
    ...(Object.keys(labels).length === 0 ? [] : [`--node-labels=${labelsText(labels)}`]),
    ...(taints.length === 0 ? [] : [`--register-with-taints=${taintsText(taints)}`]),
  ];
}

const BOUNDARY = "//";

// Source: awslabs.github.io/amazon-eks-ami/nodeadm/doc/api. JSON is YAML, and needs no quoting of its own.
/**
 * A node of Amazon Linux 2023, by nodeadm. Without a cluster, what EKS merges with its own: undefined where that would say
 * nothing.
 */
export function nodeConfig(
  cluster: NodeCluster | undefined,
  kubelet: KubeletSettings,
  proxy?: NodeProxy,
): string | undefined {
  const { maxPods } = kubelet;
  const config = { ...(maxPods === undefined ? {} : { maxPods }), ...kubelet.config };
  const flags = cluster === undefined ? [] : kubeletFlags(kubelet);
  const node = {
    ...(Object.keys(config).length === 0 ? {} : { config }),
    ...(flags.length === 0 ? {} : { flags }),
  };
  if (cluster === undefined && proxy === undefined && Object.keys(node).length === 0) return undefined;
  const spec = {
    ...(cluster === undefined
      ? {}
      : {
          cluster: {
            name: cluster.name,
            apiServerEndpoint: cluster.endpoint,
            certificateAuthority: cluster.certificateAuthority,
            cidr: cluster.serviceCidr,
          },
        }),
    ...(Object.keys(node).length === 0 ? {} : { kubelet: node }),
    // For nodeadm itself, containerd, kubelet and every other unit.
    ...(proxy === undefined ? {} : { instance: { environment: { default: proxyVariables(proxy) } } }),
  };
  const parts = [
    [
      "application/node.eks.aws",
      JSON.stringify({ apiVersion: "node.eks.aws/v1alpha1", kind: "NodeConfig", spec }, undefined, 2),
    ],
    // By cloud-init, after nodeadm has asked EC2 who it is, and before it starts containerd.
    ...(proxy?.ca === undefined ? [] : [["text/cloud-config", trusting(proxy.ca)]]),
  ];
  return [
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    "",
    ...parts.flatMap(([type, text]) => [`--${BOUNDARY}`, `Content-Type: ${type}`, "", text]),
    `--${BOUNDARY}--`,
    "",
  ].join("\n");
}

// Source: update-ca-trust(8) of Amazon Linux 2023.
const trusting = (pem: string): string =>
  cloudConfig({
    write_files: [{ path: "/etc/pki/ca-trust/source/anchors/proxy.pem", encoding: "b64", content: base64(pem) }],
    runcmd: [["update-ca-trust"]],
  });

const cloudConfig = (config: object): string => `#cloud-config\n${JSON.stringify(config, undefined, 2)}`;

/** Some programs read the one, some the other. */
const proxyVariables = ({ http, https, exceptions }: NodeProxy): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ HTTP_PROXY: http, HTTPS_PROXY: https, NO_PROXY: exceptions.join(",") }).flatMap(
      ([name, value]) => [
        [name, value],
        [name.toLowerCase(), value],
      ],
    ),
  );

// Source: bottlerocket.dev/en/os/1.50.x/api/settings/kubernetes, network, pki. Strings of JSON are strings of TOML.
/** A node of Bottlerocket; without a cluster, what EKS merges with its own. */
export function bottlerocketSettings(
  cluster: NodeCluster | undefined,
  kubelet: KubeletSettings,
  proxy?: NodeProxy,
): string | undefined {
  const table = (name: string, values: Readonly<Record<string, unknown>>): string[] =>
    Object.keys(values).length === 0
      ? []
      : [
          `[${name}]`,
          ...Object.entries(values).map(([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}`),
        ];
  const { maxPods } = kubelet;
  const fields = Object.entries(kubelet.config).map(
    ([name, value]) => [KUBELET_FIELDS[name]!.bottlerocket, value] as const,
  );
  const taints = new Map<string, string[]>();
  for (const { key, value = "", effect } of cluster === undefined ? [] : kubelet.taints)
    taints.set(key, [...(taints.get(key) ?? []), `${value}:${effect}`]);
  const lines = [
    ...table("settings.kubernetes", {
      ...(cluster === undefined
        ? {}
        : {
            "cluster-name": cluster.name,
            "api-server": cluster.endpoint,
            "cluster-certificate": cluster.certificateAuthority,
            "cluster-dns-ip": cluster.dns,
          }),
      ...(maxPods === undefined ? {} : { "max-pods": maxPods }),
      ...Object.fromEntries(fields.filter(([, value]) => !isTable(value))),
    }),
    ...table("settings.kubernetes.node-labels", cluster === undefined ? {} : kubelet.labels),
    ...table("settings.kubernetes.node-taints", Object.fromEntries(taints)),
    ...fields.flatMap(([name, value]) => (isTable(value) ? table(`settings.kubernetes.${name}`, value) : [])),
    ...table(
      "settings.network",
      proxy === undefined ? {} : { "https-proxy": proxy.https, "no-proxy": proxy.exceptions },
    ),
    ...table("settings.pki.proxy", proxy?.ca === undefined ? {} : { data: base64(proxy.ca), trusted: true }),
  ];
  return lines.length === 0 ? undefined : `${lines.join("\n")}\n`;
}

/** Also of what only Terraform knows. */
const base64 = (text: string): string =>
  isKnown(text) ? Buffer.from(text).toString("base64") : Token.asString(Fn.base64encode(text));

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A field of KubeletConfiguration as its flag. */
function fieldFlag([name, value]: [string, unknown]): string {
  const text = isTable(value)
    ? Object.entries(value)
        .map(([key, amount]) => `${key}=${String(amount)}`)
        .join(",")
    : String(value);
  return `--${KUBELET_FIELDS[name]!.flag!}=${text}`;
}

/** A node of Ubuntu's image for EKS, by its bootstrap program, which cloud-init calls without a shell between. */
export function ubuntuBootstrap(cluster: NodeCluster, kubelet: KubeletSettings): string {
  const { maxPods } = kubelet;
  const flags = [
    ...kubeletFlags(kubelet),
    ...(maxPods === undefined ? [] : [`--max-pods=${maxPods}`]),
    // The program would reserve for as many pods as the type has addresses for.
    ...Object.entries(kubelet.config).map(fieldFlag),
  ];
  const command = [
    "/etc/eks/bootstrap.sh",
    cluster.name,
    ...["--apiserver-endpoint", cluster.endpoint],
    ...["--b64-cluster-ca", cluster.certificateAuthority],
    ...["--dns-cluster-ip", cluster.dns],
    ...(maxPods === undefined ? [] : ["--use-max-pods", "false"]),
    ...(flags.length === 0 ? [] : ["--kubelet-extra-args", flags.join(" ")]),
  ];
  return `${cloudConfig({ runcmd: [command] })}\n`;
}
