import { readFileSync } from "node:fs";
import { join } from "node:path";
import { labelsText, taintsText, type KubeletSettings, type NodeCluster } from "./user-data";

// The same two steps up lead to scripts/ from the source and from the built package.
const BOOTSTRAP = join(__dirname, "..", "..", "scripts", "eks-node", "bootstrap.al2.sh");
const FOLDER = "/etc/eksctl";

/** A node of Amazon Linux 2 as eksctl 0.12 made them, with what kubelets of today no longer take left out. */
export function legacyCloudConfig(
  cluster: NodeCluster,
  kubelet: KubeletSettings,
  /** Pods by instance type. */
  maxPods: Readonly<Record<string, number>>,
): string {
  const { name, region, endpoint, certificateAuthority, dns } = cluster;
  const file = (path: string, content: string, permissions = "0644") => ({
    ...{ path, owner: "root:root", permissions },
    content,
  });
  const env = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}\n`)
      .join("");
  const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
  const files = [
    file("/etc/systemd/system/kubelet.service.d/10-eks-node.conf", DROP_IN),
    file(
      `${FOLDER}/metadata.env`,
      env({ AWS_DEFAULT_REGION: region, AWS_EKS_CLUSTER_NAME: name, AWS_EKS_ENDPOINT: endpoint }),
    ),
    file(
      `${FOLDER}/kubelet.env`,
      env({
        NODE_LABELS: labelsText(kubelet.labels),
        NODE_TAINTS: taintsText(kubelet.taints),
        ...(kubelet.maxPods === undefined ? {} : { MAX_PODS: String(kubelet.maxPods) }),
      }),
    ),
    file(`${FOLDER}/kubelet.yaml`, json({ ...kubeletConfiguration(dns), ...kubelet.config })),
    { ...file(`${FOLDER}/ca.crt`, certificateAuthority), encoding: "b64" },
    file(`${FOLDER}/kubeconfig.yaml`, json(kubeconfig(cluster))),
    file(
      `${FOLDER}/max_pods.map`,
      Object.entries(maxPods)
        .map(([type, pods]) => `${type} ${pods}\n`)
        .join(""),
    ),
    file(
      "/var/lib/cloud/scripts/per-instance/bootstrap.al2.sh",
      readFileSync(BOOTSTRAP, "utf8").replace(/[$%](?=\{)/g, (sign) => sign + sign),
      "0755",
    ),
  ];
  const runcmd = [["/var/lib/cloud/scripts/per-instance/bootstrap.al2.sh"]];
  return `#cloud-config\n${JSON.stringify({ write_files: files, runcmd }, undefined, 1)}\n`;
}

// The first ExecStart empties the unit's own. $${ is systemd's ${, not Terraform's.
const DROP_IN = `[Service]
EnvironmentFile=${FOLDER}/metadata.env
EnvironmentFile=${FOLDER}/kubelet.env
EnvironmentFile=${FOLDER}/kubelet.local.env
ExecStart=
ExecStart=/usr/bin/kubelet \\
  --node-ip=$\${NODE_IP} \\
  --hostname-override=$\${NODE_NAME} \\
  --node-labels=$\${NODE_LABELS} \\
  --max-pods=$\${MAX_PODS} \\
  --register-node=true \\
  --register-with-taints=$\${NODE_TAINTS} \\
  --cloud-provider=external \\
  --image-credential-provider-config=/etc/eks/image-credential-provider/config.json \\
  --image-credential-provider-bin-dir=/etc/eks/image-credential-provider \\
  --kubeconfig=${FOLDER}/kubeconfig.yaml \\
  --config=${FOLDER}/kubelet.yaml
`;

const kubeletConfiguration = (dns: string) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: "0.0.0.0",
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true, cacheTTL: "2m0s" },
    x509: { clientCAFile: `${FOLDER}/ca.crt` },
  },
  authorization: { mode: "Webhook", webhook: { cacheAuthorizedTTL: "5m0s", cacheUnauthorizedTTL: "30s" } },
  cgroupDriver: "systemd",
  clusterDNS: [dns],
  clusterDomain: "cluster.local",
  containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
  featureGates: { RotateKubeletServerCertificate: true },
  serverTLSBootstrap: true,
});

const kubeconfig = ({ name, region, endpoint }: NodeCluster) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name, cluster: { server: endpoint, "certificate-authority": `${FOLDER}/ca.crt` } }],
  users: [
    {
      name: "kubelet",
      user: {
        exec: {
          apiVersion: "client.authentication.k8s.io/v1beta1",
          command: "/usr/bin/aws-iam-authenticator",
          args: ["token", "-i", name, "--region", region],
        },
      },
    },
  ],
  contexts: [{ name: "kubelet", context: { cluster: name, user: "kubelet" } }],
  "current-context": "kubelet",
});
