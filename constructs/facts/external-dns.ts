/** The release that the manifest runs, and the tests. */
export const EXTERNAL_DNS_VERSION = "0.21.0";

/** Namespace and service account of its pods, and everything's name. */
export const EXTERNAL_DNS = "external-dns";

export interface ExternalDnsSettings {
  readonly clusterName: string;
  readonly zone: string;
  readonly zoneId: string;
  readonly region: string;
  /** Whether its pods are in the host's network, from where alone they reach the metadata service and the node's role. */
  readonly hostNetwork: boolean;
}

const METRICS = 7979;

// Source: ExternalDNS, docs/tutorials/aws.md and kustomize/; its chart's values for security contexts.
/** What runs ExternalDNS for the Ingresses and Services of a cluster, as JSON for kubectl apply. */
export function externalDnsManifest(settings: ExternalDnsSettings): string {
  const name = EXTERNAL_DNS;
  const metadata = { name, namespace: name };
  const labels = { "app.kubernetes.io/name": name };
  const rbac = "rbac.authorization.k8s.io";
  const read = (apiGroup: string, ...resources: string[]) => ({
    ...{ apiGroups: [apiGroup], resources, verbs: ["get", "list", "watch"] },
  });
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name },
      rules: [
        read("", "services", "pods", "nodes"),
        read("discovery.k8s.io", "endpointslices"),
        read("networking.k8s.io", "ingresses"),
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...metadata, labels },
      spec: {
        replicas: 1,
        // Two at once would each undo what the other has not read yet.
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: pod(settings) },
      },
    },
  ];
  return `${JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 2)}\n`;
}

function pod({ clusterName, zone, zoneId, region, hostNetwork }: ExternalDnsSettings): object {
  return {
    serviceAccountName: EXTERNAL_DNS,
    // With the node's names, since the proxy and AWS are none of the cluster's.
    ...(hostNetwork ? { hostNetwork, dnsPolicy: "Default" } : {}),
    securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 },
    containers: [
      {
        name: EXTERNAL_DNS,
        image: `registry.k8s.io/external-dns/external-dns:v${EXTERNAL_DNS_VERSION}`,
        args: [
          "--provider=aws",
          "--source=ingress",
          "--source=service",
          "--aws-zone-type=private",
          `--domain-filter=${zone}`,
          `--zone-id-filter=${zoneId}`,
          // What it made is its own by a TXT record beside it, and nobody else's record is touched.
          "--registry=txt",
          `--txt-owner-id=${clusterName}`,
          "--policy=sync",
          `--metrics-address=${hostNetwork ? "127.0.0.1" : ""}:${METRICS}`,
        ],
        env: [{ name: "AWS_REGION", value: region }],
        // HTTPS_PROXY and NO_PROXY, where Route 53 is reached through a proxy that asks for a user.
        envFrom: [{ secretRef: { name: `${EXTERNAL_DNS}-proxy`, optional: true } }],
        livenessProbe: {
          httpGet: { path: "/healthz", port: METRICS, ...(hostNetwork ? { host: "127.0.0.1" } : {}) },
          initialDelaySeconds: 10,
        },
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        securityContext: {
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, privileged: false },
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
    ],
  };
}
