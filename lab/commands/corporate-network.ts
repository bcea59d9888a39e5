import type { ExistingNetworkSettings } from "../../constructs";
import { officeResolver } from "../vpc/office";

const TO_OFFICE = "10.0.0.0/8";
const CIDR = "172.20.0.0/16";
const zonesOf = (region: string): string[] => ["a", "b"].map((letter) => `${region}${letter}`);
const subnetCidr = (index: number): string => `172.20.${index}.0/24`;

/**
 * Terraform of a VPC that is no work of ours: two zones with a route table each, the office's DNS, and a VPN gateway as the
 * only way out. With `facing`, an unsuitable one: open to the internet, without DNS host names.
 */
export function corporateStack(region: string, facing = false): object {
  const zones = zonesOf(region);
  const gateway = facing ? "aws_internet_gateway" : "aws_vpn_gateway";
  const each = (make: (zone: string, index: number) => object): object =>
    Object.fromEntries(zones.map((zone, index) => [`zone-${index}`, make(zone, index)]));
  const names = {
    aws_vpc_dhcp_options: { office: { domain_name: "corp.example", domain_name_servers: [officeResolver] } },
    aws_vpc_dhcp_options_association: {
      office: { vpc_id: "${aws_vpc.corporate.id}", dhcp_options_id: "${aws_vpc_dhcp_options.office.id}" },
    },
  };
  return {
    terraform: { required_providers: { aws: { source: "hashicorp/aws" } } },
    provider: { aws: { region } },
    resource: {
      aws_vpc: { corporate: { cidr_block: CIDR, enable_dns_support: true, enable_dns_hostnames: !facing } },
      ...names,
      [gateway]: { way: { vpc_id: "${aws_vpc.corporate.id}" } },
      aws_subnet: each((zone, index) => ({
        vpc_id: "${aws_vpc.corporate.id}",
        cidr_block: subnetCidr(index),
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
}

/** What the stack of a hybrid cluster is told of it. */
export function corporateNetwork(
  region: string,
  { vpc, subnets, tables }: { vpc: string; subnets: readonly string[]; tables: readonly string[] },
): ExistingNetworkSettings {
  return {
    vpcId: vpc,
    cidr: CIDR,
    subnets: zonesOf(region).map((availabilityZone, index) => ({
      id: subnets[index]!,
      cidr: subnetCidr(index),
      availabilityZone,
    })),
    routeTableIds: tables,
  };
}
