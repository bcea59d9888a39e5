import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { Token, type App } from "cdktf";
import { HARD_WAY_RULES, HardWayCluster } from "../constructs";
import { checksumsOf } from "./checksums";
import { ClusterStack, type Form } from "./cluster-stack";
import type { HardWayShape } from "./configuration";

/** Kubernetes the hard way. What is one cluster's is written here; what a pipeline varies is a Terraform variable. */
export function hardWay(app: App, form: Form = "root", shape: HardWayShape = {}): void {
  const stack = new ClusterStack(app, "hard-way", HARD_WAY_RULES, form);
  const adminCidrs = stack.variable("admin_cidrs", "list(string)", {
    meaning: "blocks from which people reach SSH and the API",
    changing: "changes rules of security groups, in place",
  });
  // Private machines have one way in, which is of the cluster's shape.
  const sshAddress =
    shape.topology === "private"
      ? privateWay(shape)
      : stack.variable(
          "ssh_address",
          "string",
          {
            meaning: "address at which Terraform logs in: public or private",
            changing: "changes nothing that is there",
          },
          "public",
        ).stringValue;
  const sshTimeout = stack.variable(
    "ssh_timeout",
    "string",
    { meaning: "how long Terraform tries to reach a machine", changing: "changes nothing that is there" },
    "5m",
  );
  const downloadMirror = stack.variable(
    "download_mirror",
    "string",
    {
      meaning: "base URL for release files; empty: the publishers",
      changing: "runs the stages again that fetch from it, in place",
    },
    "",
  );
  const imageMirror = stack.variable(
    "image_mirror",
    "string",
    {
      meaning: "registry asked for every image; empty: the image's own",
      changing: "runs the stages again that fetch from it, in place",
    },
    "",
  );
  const packageMirror = stack.variable(
    "package_mirror",
    "string",
    {
      meaning: "Debian repository; empty: the machine's own sources",
      changing: "runs the stages again that fetch from it, in place",
    },
    "",
  );
  const checksums = stack.variable(
    "checksums",
    "map(string)",
    {
      meaning: "sha256 of release files by URL without scheme; with a mirror of files built elsewhere, their sums",
      changing: "runs the stages again that fetch those files, in place",
    },
    checksumsOf(shape),
  );

  new TlsProvider(stack, "tls");

  const cluster = new HardWayCluster(stack, "cluster", {
    clusterName: stack.clusterName,
    adminCidrs: adminCidrs.listValue,
    controlPlane: { count: 3, instanceType: "t3.small" },
    workers: { count: 3, instanceType: "t3.small" },
    ...shape,
    ssh: { address: sshAddress, timeout: sshTimeout.stringValue },
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

const privateWay = ({ bastion }: HardWayShape): string => (bastion === undefined ? "private" : "bastion");
