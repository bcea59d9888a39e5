import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExistingNetworkSettings } from "../../constructs";
import { corporateNetwork as networkOf, corporateStack } from "../../lab/commands/corporate-network";
import { initialised, type Terraform } from "./terraform";

export interface CorporateNetwork {
  readonly terraform: Terraform;
  readonly network: ExistingNetworkSettings;
}

const REGION = "eu-west-1";

/** Makes the network by other Terraform, in `folder`, below 172.20 or another octet; with `facing`, an unsuitable one. */
export async function corporateNetwork(
  folder: string,
  environment: Readonly<Record<string, string>>,
  { facing = false, octet = 20 } = {},
): Promise<CorporateNetwork> {
  const of = (text: string): string => text.replaceAll("172.20.", `172.${octet}.`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cdk.tf.json"), of(JSON.stringify(corporateStack(REGION, facing))));
  const terraform = await initialised(folder, environment);
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color");
  const said = JSON.parse(await terraform.succeed("output", "-json")) as {
    vpc: { value: string };
    subnets: { value: string[] };
    tables: { value: string[] };
  };
  const { vpc, subnets, tables } = said;
  const described = networkOf(REGION, { vpc: vpc.value, subnets: subnets.value, tables: tables.value });
  return { terraform, network: JSON.parse(of(JSON.stringify(described))) as ExistingNetworkSettings };
}
