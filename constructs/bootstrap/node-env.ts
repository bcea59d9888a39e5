import type { COMPONENTS, Component } from "../facts/component-flags";

/** Every variable that a node script may read, by its name in `node.env`. */
export interface NodeEnv extends Record<(typeof COMPONENTS)[Component], string> {
  readonly CLUSTER_NAME: string;
  /** Host name, node name and etcd member name. */
  readonly NODE_NAME: string;
  readonly NODE_IP: string;
  /** The login user, who gets an admin kubeconfig on controllers. */
  readonly SSH_USER: string;
  readonly ETCD_VERSION: string;
  readonly ETCD_URL: string;
  readonly ETCD_SHA256: string;
  readonly ETCD_INITIAL_CLUSTER: string;
  readonly ETCD_CLUSTER_TOKEN: string;
  readonly ETCD_SERVERS: string;
  readonly KUBERNETES_VERSION: string;
  /** The name under which workers and people reach the API. */
  readonly API_ADDRESS: string;
  readonly SERVICE_CIDR: string;
  readonly SERVICE_NODE_PORT_RANGE: string;
  /** `vpc-routes` or `vxlan`. */
  readonly POD_NETWORK: string;
  /** `ADDRESS=BLOCK` for every machine of the cluster. */
  readonly VXLAN_PEERS: string;
  /** One line of JSON. */
  readonly KUBELET_CONFIGURATION: string;
  /** TOML, with line breaks written as \\n. */
  readonly CONTAINERD_CONFIGURATION: string;
  /** On a controller the pods of the whole cluster, on a worker the node's own. */
  readonly POD_CIDR: string;
  readonly CLUSTER_POD_CIDR: string;
  /** Labels that kubelet registers its node with: `key=value,key=value`. */
  readonly NODE_LABELS: string;
  /** Taints that it registers with: `key=value:effect,key:effect`. */
  readonly NODE_TAINTS: string;
  /** Every node with its labels and taints: `name;labels;taints`, with a space between nodes. */
  readonly NODES: string;
  readonly CLUSTER_DNS: string;
  readonly CLUSTER_DOMAIN: string;
  readonly KUBE_PROXY_MODE: string;
  readonly PAUSE_IMAGE: string;
  readonly COREDNS_IMAGE: string;
  readonly IMAGE_MIRROR: string;
  readonly PACKAGE_MIRROR: string;
  /** `nginx` where the load balancer asks it for the API server's health, else empty. */
  readonly HEALTH_PROXY: string;
  /** `yes` where the proxy has an authority of its own, else empty. */
  readonly PROXY_CA: string;
  readonly CONTAINERD_VERSION: string;
  readonly RUNC_VERSION: string;
  readonly CNI_PLUGINS_VERSION: string;
  readonly KUBE_APISERVER_URL: string;
  readonly KUBE_APISERVER_SHA256: string;
  readonly KUBE_CONTROLLER_MANAGER_URL: string;
  readonly KUBE_CONTROLLER_MANAGER_SHA256: string;
  readonly KUBE_SCHEDULER_URL: string;
  readonly KUBE_SCHEDULER_SHA256: string;
  readonly KUBECTL_URL: string;
  readonly KUBECTL_SHA256: string;
  readonly KUBELET_URL: string;
  readonly KUBELET_SHA256: string;
  readonly KUBE_PROXY_URL: string;
  readonly KUBE_PROXY_SHA256: string;
  readonly CONTAINERD_URL: string;
  readonly CONTAINERD_SHA256: string;
  readonly RUNC_URL: string;
  readonly RUNC_SHA256: string;
  readonly CNI_PLUGINS_URL: string;
  readonly CNI_PLUGINS_SHA256: string;
  readonly ECR_CREDENTIAL_PROVIDER_URL: string;
  readonly ECR_CREDENTIAL_PROVIDER_SHA256: string;
  readonly OTELCOL_VERSION: string;
  readonly OTELCOL_URL: string;
  readonly OTELCOL_SHA256: string;
  readonly AWS_REGION: string;
  /** Base URL at which CloudWatch takes logs. */
  readonly LOGS_ENDPOINT: string;
  readonly LOG_GROUP: string;
}
