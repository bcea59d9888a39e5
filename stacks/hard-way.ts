import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { Token, type App } from "cdktf";
import {
  DEFAULT_KUBERNETES_VERSION,
  HARD_WAY_RULES,
  HardWayCluster,
  publishedChecksums,
  releaseOf,
} from "../constructs";
import { ClusterStack, type Form } from "./cluster-stack";

/** Kubernetes the hard way. What is one cluster's is written here; what a pipeline varies is a Terraform variable. */
export function hardWay(app: App, form: Form = "root"): void {
  const stack = new ClusterStack(app, "hard-way", HARD_WAY_RULES, form);
  const adminCidrs = stack.variable("admin_cidrs", "list(string)", "blocks from which people reach SSH and the API");
  const sshAddress = stack.variable(
    "ssh_address",
    "string",
    "address at which Terraform logs in: public or private",
    "public",
  );
  const sshTimeout = stack.variable("ssh_timeout", "string", "how long Terraform tries to reach a machine", "5m");
  const downloadMirror = stack.variable(
    "download_mirror",
    "string",
    "base URL for release files; empty: the publishers",
    "",
  );
  const imageMirror = stack.variable(
    "image_mirror",
    "string",
    "registry asked for every image; empty: the image's own",
    "",
  );
  const packageMirror = stack.variable(
    "package_mirror",
    "string",
    "Debian repository; empty: the machine's own sources",
    "",
  );
  const checksums = stack.variable(
    "checksums",
    "map(string)",
    "sha256 of release files by URL without scheme; with a mirror of files built elsewhere, their sums",
    publishedChecksums(releaseOf(DEFAULT_KUBERNETES_VERSION), "amd64"),
  );

  new TlsProvider(stack, "tls");

  const cluster = new HardWayCluster(stack, "cluster", {
    clusterName: stack.clusterName,
    adminCidrs: adminCidrs.listValue,
    controlPlane: { count: 3, instanceType: "t3.small" },
    workers: { count: 3, instanceType: "t3.small" },
    ssh: { address: sshAddress.stringValue, timeout: sshTimeout.stringValue },
    mirrors: {
      downloads: downloadMirror.stringValue,
      images: imageMirror.stringValue,
      packages: packageMirror.stringValue,
      checksums: Token.asStringMap(checksums.value),
    },
  });

  stack.output("endpoint", `https://${cluster.endpoint}`);
  stack.output(
    "machines",
    Object.fromEntries(
      [...cluster.controllers, ...cluster.workers].map(({ name, privateIp, publicIp }) => [
        name,
        { privateIp, publicIp },
      ]),
    ),
  );
  stack.output("pod_routes", Object.fromEntries(cluster.workers.map(({ privateIp, podCidr }) => [privateIp, podCidr])));
  stack.output("kubeconfig", cluster.adminKubeconfig, true);
  stack.output("ssh_user", cluster.sshUser);
  stack.output("ssh_known_hosts", cluster.sshKnownHosts);
  stack.output("ssh_private_key", cluster.sshPrivateKey, true);
}
