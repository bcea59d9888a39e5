import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, LocalBackend, S3Backend, TerraformOutput, TerraformStack, TerraformVariable, Token } from "cdktf";
import {
  DEFAULT_KUBERNETES_VERSION,
  HARD_WAY_RULES,
  HardWayCluster,
  publishedChecksums,
  releaseOf,
  validationOf,
} from "./constructs";

const app = new App();

/** Kubernetes the hard way. What is one cluster's is written here; what a pipeline varies is a Terraform variable. */
const stack = new TerraformStack(app, "hard-way");
const variable = <Default>(name: string, type: string, description: string, value?: Default): TerraformVariable => {
  const validation = validationOf(HARD_WAY_RULES, name);
  const made = new TerraformVariable(stack, name, { type, description, nullable: false, validation });
  // As an override, since CDKTF would write the keys of a default map in snake case.
  if (value !== undefined) made.addOverride("default", value);
  return made;
};

const region = variable("region", "string", "AWS region, such as eu-west-1");
const adminCidrs = variable("admin_cidrs", "list(string)", "blocks from which people reach SSH and the API");
const sshAddress = variable("ssh_address", "string", "address at which Terraform logs in: public or private", "public");
const sshTimeout = variable("ssh_timeout", "string", "how long Terraform tries to reach a machine", "5m");
const downloadMirror = variable("download_mirror", "string", "base URL for release files; empty: the publishers", "");
const imageMirror = variable("image_mirror", "string", "registry asked for every image; empty: the image's own", "");
const packageMirror = variable("package_mirror", "string", "Debian repository; empty: the machine's own sources", "");
const checksums = variable(
  "checksums",
  "map(string)",
  "sha256 of release files by URL without scheme; with a mirror of files built elsewhere, their sums",
  publishedChecksums(releaseOf(DEFAULT_KUBERNETES_VERSION), "amd64"),
);

// A backend takes no Terraform variable, so these are read here: STATE_BUCKET=… STATE_REGION=… npm run synth
const { STATE_BUCKET: bucket, STATE_REGION, STATE_KEY = "hard-way/terraform.tfstate", STATE_KMS_KEY } = process.env;
if (bucket) {
  if (!STATE_REGION)
    throw new Error(`STATE_BUCKET ${bucket} needs STATE_REGION: name the bucket's region, such as eu-west-1`);
  const state = new S3Backend(stack, {
    bucket,
    region: STATE_REGION,
    key: STATE_KEY,
    encrypt: true,
    ...(STATE_KMS_KEY ? { kmsKeyId: STATE_KMS_KEY } : {}),
  });
  // Newer than CDKTF: two applies at once are kept apart by a file beside the state. Terraform 1.10.
  state.addOverride("use_lockfile", true);
} else new LocalBackend(stack, { path: "terraform.tfstate" });
new AwsProvider(stack, "aws", { region: region.stringValue });
new TlsProvider(stack, "tls");
new NullProvider(stack, "null");

const cluster = new HardWayCluster(stack, "cluster", {
  clusterName: "hard-way",
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

new TerraformOutput(stack, "endpoint", { value: `https://${cluster.endpoint}` });
new TerraformOutput(stack, "machines", {
  value: Object.fromEntries(
    [...cluster.controllers, ...cluster.workers].map(({ name, privateIp, publicIp }) => [
      name,
      { privateIp, publicIp },
    ]),
  ),
});
new TerraformOutput(stack, "pod_routes", {
  value: Object.fromEntries(cluster.workers.map(({ privateIp, podCidr }) => [privateIp, podCidr])),
});
new TerraformOutput(stack, "kubeconfig", { value: cluster.adminKubeconfig, sensitive: true });
new TerraformOutput(stack, "ssh_user", { value: cluster.sshUser });
new TerraformOutput(stack, "ssh_known_hosts", { value: cluster.sshKnownHosts });
new TerraformOutput(stack, "ssh_private_key", { value: cluster.sshPrivateKey, sensitive: true });

app.synth();
// The cdktf command shows warnings by itself, plain node does not.
for (const { message } of app.manifest.stacks["hard-way"]?.annotations ?? [])
  process.stderr.write(`warning: ${message}\n`);
