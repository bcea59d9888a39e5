import { readFileSync } from "node:fs";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { Token, type App } from "cdktf";
import {
  DEFAULT_KUBERNETES_VERSION,
  HARD_WAY_RULES,
  HybridCluster,
  publishedChecksums,
  releaseOf,
  type ExistingNetworkSettings,
} from "../constructs";
import { ClusterStack, type Form } from "./cluster-stack";

/**
 * Kubernetes inside a private network that is there. The file that HYBRID_NETWORK names describes it: vpcId, cidr, subnets
 * (id, cidr, availabilityZone) and routeTableIds; without it there is no such stack.
 */
export function hybrid(app: App, form: Form = "root"): void {
  const { HYBRID_NETWORK: described } = process.env;
  if (!described) return;
  const network = JSON.parse(readFileSync(described, "utf8")) as ExistingNetworkSettings;
  const stack = new ClusterStack(app, "hybrid", HARD_WAY_RULES, form);
  const adminCidrs = stack.variable("admin_cidrs", "list(string)", "blocks from which people reach SSH and the API");
  const proxyUrl = stack.variable("proxy_url", "string", "HTTP proxy, such as http://proxy.corp.example:3128");
  const proxyUser = stack.variable("proxy_user", "string", "user that the proxy asks for");
  const proxyPassword = stack.variable("proxy_password", "string", "that user's password");
  proxyPassword.addOverride("sensitive", true);
  const exceptions = stack.variable("proxy_exceptions", "list(string)", "what is reached without the proxy", []);
  const checksums = stack.variable(
    "checksums",
    "map(string)",
    "sha256 of release files by URL without scheme; with a mirror of files built elsewhere, their sums",
    publishedChecksums(releaseOf(DEFAULT_KUBERNETES_VERSION), "amd64"),
  );
  new TlsProvider(stack, "tls");

  const { cluster } = new HybridCluster(stack, "cluster", {
    clusterName: stack.clusterName,
    network,
    proxy: {
      url: proxyUrl.stringValue,
      credentials: { username: proxyUser.stringValue, password: proxyPassword.stringValue },
      exceptions: exceptions.listValue,
    },
    adminCidrs: adminCidrs.listValue,
    controlPlane: { count: 3, instanceType: "t3.small" },
    workers: { count: 3, instanceType: "t3.small" },
    ssh: { address: "private" },
    mirrors: { checksums: Token.asStringMap(checksums.value) },
  });

  stack.output("endpoint", `https://${cluster.endpoint}`);
  stack.output("kubeconfig", cluster.adminKubeconfig, true);
  stack.output("ssh_user", cluster.sshUser);
  stack.output("ssh_known_hosts", cluster.sshKnownHosts);
  stack.output("ssh_private_key", cluster.sshPrivateKey, true);
}
