import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import type { Artifacts, Cluster } from "../../lab/commands/cluster";
import { environment, operatorCommand } from "../../lab/lab";
import { officeCommand, officeEnvironment } from "../../lab/vpc/office";
import type { Outcome } from "./operator";

/** What is different this time: variables of the shell, and what is typed into the command. */
export interface Given {
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A command of bash as somebody runs it where the cluster's Terraform runs, in the folder of its stack. */
export function operate(
  cluster: Cluster,
  artifacts: Artifacts,
  command: string,
  { variables = {}, input = "" }: Given = {},
): Outcome {
  const hybrid = cluster.stackName === "hybrid";
  const inside = hybrid ? officeCommand : operatorCommand;
  const [program = "", ...args] = inside(["bash", "-c", command]);
  const env = {
    ...process.env,
    ...environment(),
    ...(hybrid ? officeEnvironment() : {}),
    PATH: `${dirname(artifacts.kubectl)}:${process.env["PATH"]}`,
    KUBECONFIG: cluster.kubeconfigPath,
    TF_CLI_CONFIG_FILE: artifacts.terraformCliConfig,
    TF_VAR_checksums: JSON.stringify(artifacts.checksums),
    ...variables,
  };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: cluster.folder,
    encoding: "utf8",
    env,
    input,
    timeout: 120_000,
  });
  return { code: status, output: `${stdout}${stderr}` };
}
