import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExistingNetworkSettings } from "../../constructs";
import { initialised, type Terraform } from "./terraform";

/** A VPC that is no work of ours: two zones with a route table each, and a VPN gateway as the only way out. */
export interface CorporateNetwork {
  readonly terraform: Terraform;
  readonly network: ExistingNetworkSettings;
}

const TO_OFFICE = "10.0.0.0/8";

/** Makes it by other Terraform, in `folder`. With `facing`, as an unsuitable one: open to the internet, without DNS host names. */
export async function corporateNetwork(
  folder: string,
  environment: Readonly<Record<string, string>>,
  facing = false,
): Promise<CorporateNetwork> {
  mkdirSync(folder, { recursive: true });
  const zones = ["a", "b"].map((letter) => `eu-west-1${letter}`);
  const gateway = facing ? "aws_internet_gateway" : "aws_vpn_gateway";
  const each = (make: (zone: string, index: number) => object): object =>
    Object.fromEntries(zones.map((zone, index) => [`zone-${index}`, make(zone, index)]));
  const stack = {
    terraform: { required_providers: { aws: { source: "hashicorp/aws" } } },
    provider: { aws: { region: "eu-west-1" } },
    resource: {
      aws_vpc: { corporate: { cidr_block: "172.20.0.0/16", enable_dns_support: true, enable_dns_hostnames: !facing } },
      [gateway]: { way: { vpc_id: "${aws_vpc.corporate.id}" } },
      aws_subnet: each((zone, index) => ({
        vpc_id: "${aws_vpc.corporate.id}",
        cidr_block: `172.20.${index}.0/24`,
        availability_zone: zone,
      })),
      aws_route_table: each(() => ({ vpc_id: "${aws_vpc.corporate.id}" })),
      aws_route: each((_, index) => ({
        route_table_id: `\${aws_route_table.zone-${index}.id}`,
        destination_cidr_block: facing ? "0.0.0.0/0" : TO_OFFICE,
        gateway_id: `\${${gateway}.way.id}`,
      })),
      aws_route_table_association: each((_, index) => ({
        subnet_id: `\${aws_subnet.zone-${index}.id}`,
        route_table_id: `\${aws_route_table.zone-${index}.id}`,
      })),
    },
    output: {
      vpc: { value: "${aws_vpc.corporate.id}" },
      subnets: { value: zones.map((_, index) => `\${aws_subnet.zone-${index}.id}`) },
      tables: { value: zones.map((_, index) => `\${aws_route_table.zone-${index}.id}`) },
    },
  };
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(stack));
  const terraform = await initialised(folder, environment);
  await terraform.succeed("apply", "-auto-approve", "-input=false", "-no-color");
  const said = JSON.parse(await terraform.succeed("output", "-json")) as {
    vpc: { value: string };
    subnets: { value: string[] };
    tables: { value: string[] };
  };
  return {
    terraform,
    network: {
      vpcId: said.vpc.value,
      cidr: "172.20.0.0/16",
      subnets: zones.map((availabilityZone, index) => ({
        id: said.subnets.value[index]!,
        cidr: `172.20.${index}.0/24`,
        availabilityZone,
      })),
      routeTableIds: said.tables.value,
    },
  };
}
