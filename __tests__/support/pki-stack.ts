import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { TerraformOutput, type TerraformStack } from "cdktf";
import { controllerFiles, etcdFiles, workerFiles } from "../../constructs/clusters/hard-way-files";
import type { CertificateSettings } from "../../constructs/pki/certificate-authority";
import { certificateRequests } from "../../constructs/pki/certificate-requests";
import { Pki } from "../../constructs/pki/pki";
import { SecretsEncryption } from "../../constructs/pki/secrets-encryption";

/** Everything that needs no AWS: certificates, keys and kubeconfigs of a cluster, as outputs by the machine they go to. */
export function pkiStack(stack: TerraformStack, settings: CertificateSettings & { apiName?: string } = {}): void {
  const { apiName = "api.example.com", ...certificates } = settings;
  const nodes = (name: string, first: number) =>
    [0, 1].map((index) => ({ name: `${name}-${index}`, privateIp: `10.240.0.${first + index}` }));
  const [controllers, workers] = [nodes("controller", 10), nodes("worker", 20)];
  new TlsProvider(stack, "tls");
  const requests = certificateRequests({
    controllers,
    workers,
    apiNames: [apiName],
    apiServiceIp: "10.32.0.1",
    clusterDomain: "cluster.local",
  });
  const pki = new Pki(stack, "pki", { ...certificates, clusterName: "blue", requests });
  const encryptionConfig = new SecretsEncryption(stack, "secrets-encryption").config;
  const output = (id: string, value: Record<string, string>) =>
    void new TerraformOutput(stack, id, { value, sensitive: true });

  for (const { name } of controllers) output(`etcd-${name}`, etcdFiles(pki, name));
  output("controllers", controllerFiles(pki, { clusterName: "blue", encryptionConfig }));
  for (const { name } of workers)
    output(name, workerFiles(pki, { clusterName: "blue", endpoint: `${apiName}:6443`, name }));
}
