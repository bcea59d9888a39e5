import { terraformProviders } from "../artifacts/terraform-providers";
import { loopbackApi } from "../aws/loopback-api";
import { environment } from "../lab";
import { Terraform } from "../terraform/terraform";
import type { Cluster } from "./cluster";

/** The plan of a cluster against the AWS API alone, on the loopback: what can be had where no machine can run. */
export async function planOnly(cluster: Cluster, log: (line: string) => void): Promise<void> {
  const providers = await terraformProviders(log);
  for (const { name, version, source } of providers.providers) log(`provider ${name} ${version}: ${source}`);
  const api = await loopbackApi(log);
  // The authority of a lab's names, which there is as long as there is a lab.
  const variables = Object.entries(environment()).filter(([name]) => name !== "AWS_CA_BUNDLE");
  try {
    const terraform = new Terraform({
      folder: cluster.folder,
      inside: (command) => command,
      environment: {
        ...Object.fromEntries(variables),
        AWS_ENDPOINT_URL: api.url,
        AWS_ENDPOINT_URL_STS: api.url,
        TF_CLI_CONFIG_FILE: providers.configurationFile,
      },
    });
    log("terraform init");
    await terraform.init();
    log("terraform plan");
    process.stdout.write(`${(await terraform.plan()).output}\n`);
  } finally {
    await api.stop();
  }
}
