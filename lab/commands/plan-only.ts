import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { pythonEnvironment } from "../artifacts/python-environment";
import { terraformProviders } from "../artifacts/terraform-providers";
import { environment } from "../lab";
import { Terraform } from "../terraform/terraform";
import type { Cluster } from "./cluster";

/** The plan of a cluster against the AWS API alone, on the loopback: what can be had where no machine can run. */
export async function planOnly(cluster: Cluster, log: (line: string) => void): Promise<void> {
  const { python } = await pythonEnvironment(log);
  const providers = await terraformProviders(log);
  for (const { name, version, source } of providers.providers) log(`provider ${name} ${version}: ${source}`);
  const port = await freePort();
  // No machine runs, so the folder where machines' consoles would be stays away.
  const api = spawn(python, [join(__dirname, "..", "aws", "server.py"), "127.0.0.1", String(port), "/nonexistent"], {
    stdio: "ignore",
  });
  try {
    await answers(port);
    const terraform = new Terraform({
      folder: cluster.folder,
      inside: (command) => command,
      environment: {
        ...environment(),
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        TF_CLI_CONFIG_FILE: providers.configurationFile,
      },
    });
    log("terraform init");
    await terraform.init();
    log("terraform plan");
    process.stdout.write(`${(await terraform.plan()).output}\n`);
  } finally {
    api.kill();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** Waits until the API answers, half a minute at most. */
async function answers(port: number): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    try {
      await fetch(`http://127.0.0.1:${port}/moto-api/`, { signal: AbortSignal.timeout(1000) });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`the AWS API did not answer on 127.0.0.1:${port} within 30 s`);
}
