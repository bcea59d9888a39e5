import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExistingNetworkSettings } from "../../constructs";
import type { Terraform } from "./terraform";

/** Which modules a root calls, and how often. */
export interface Calls {
  /** Names of clusters the hard way. */
  readonly clusters: readonly string[];
  /** Names of clusters on EKS. */
  readonly eks: readonly string[];
  /** Networks in each of which modules/hybrid is called too, by the clusters' names. @default {} */
  readonly hybrid?: Readonly<Record<string, ExistingNetworkSettings>>;
}

/** A root in HCL beside the folder `modules`, which calls them with every meta-argument that there is. */
export function moduleRoot(folder: string, { clusters, eks, hybrid = {} }: Calls): void {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "main.tf"),
    `provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "europe"
  region = "eu-west-1"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

module "clusters" {
  source       = "../modules/hard-way"
  for_each     = toset(${JSON.stringify(clusters)})
  cluster_name = each.key
  admin_cidrs  = ["198.51.100.0/24"]
  providers = {
    aws = aws.europe
  }
  depends_on = [aws_sns_topic.alarms]
}

module "eks" {
  source       = "../modules/eks"
  count        = ${eks.length}
  cluster_name = ${JSON.stringify(eks)}[count.index]
  providers = {
    aws = aws.europe
  }
  depends_on = [aws_sns_topic.alarms]
}
${Object.keys(hybrid).length === 0 ? "" : hybridCall(hybrid)}
output "endpoints" {
  value = { for name, cluster in module.clusters : name => cluster.endpoint }
}
`,
  );
}

const hybridCall = (networks: Readonly<Record<string, ExistingNetworkSettings>>): string => `
locals {
  networks = jsondecode(${JSON.stringify(JSON.stringify(networks))})
}

module "hybrid" {
  source       = "../modules/hybrid"
  for_each     = local.networks
  cluster_name = each.key
  vpc_id       = each.value.vpcId
  network_cidr = each.value.cidr
  subnets = [for subnet in each.value.subnets : {
    id                = subnet.id
    cidr              = subnet.cidr
    availability_zone = subnet.availabilityZone
  }]
  route_table_ids = each.value.routeTableIds
  admin_cidrs     = ["10.1.0.0/16"]
  proxy_url       = "http://10.1.2.3:3128"
  proxy_user      = "kubernetes"
  proxy_password  = "secret"
  providers = {
    aws = aws.europe
  }
  depends_on = [aws_sns_topic.alarms]
}
`;

/** A root in HCL beside the folder `modules` that calls each of them once, that of a private network in one that it makes itself. */
export function rootOfEach(folder: string): void {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "main.tf"),
    `provider "aws" {
  region = "eu-west-1"
}

locals {
  zones = ["eu-west-1a", "eu-west-1b"]
}

resource "aws_vpc" "corporate" {
  cidr_block           = "172.22.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.corporate.id
  cidr_block        = "172.22.\${count.index}.0/24"
  availability_zone = local.zones[count.index]
}

resource "aws_route_table" "private" {
  count  = 2
  vpc_id = aws_vpc.corporate.id
}

resource "aws_route_table_association" "private" {
  count          = 2
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}

module "hard_way" {
  source       = "../modules/hard-way"
  for_each     = toset(["blue"])
  cluster_name = each.key
  admin_cidrs  = ["198.51.100.0/24"]
}

module "eks" {
  source       = "../modules/eks"
  cluster_name = "managed"
}

module "hybrid" {
  source       = "../modules/hybrid"
  count        = 1
  cluster_name = "corp"
  vpc_id       = aws_vpc.corporate.id
  network_cidr = "172.22.0.0/16"
  subnets = [for index, zone in local.zones : {
    id                = aws_subnet.private[index].id
    cidr              = "172.22.\${index}.0/24"
    availability_zone = zone
  }]
  route_table_ids = aws_route_table.private[*].id
  admin_cidrs     = ["10.1.0.0/16"]
  proxy_url       = "http://10.1.2.3:3128"
  proxy_user      = "kubernetes"
  proxy_password  = "secret"
  depends_on      = [aws_route_table_association.private]
}
`,
  );
}

/** What a root is told that calls modules/hard-way with bad values, the first line of each. */
export async function complaintsOfBadCall(
  folder: string,
  initialised: (folder: string) => Promise<Terraform>,
): Promise<string> {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "main.tf"),
    'module "cluster" {\n  source = "../modules/hard-way"\n  cluster_name = "sg-"\n  admin_cidrs = []\n}\n',
  );
  const complaints = await (await initialised(folder)).complaints();
  return complaints.map(({ detail }) => detail.split("\n")[0]).join("\n");
}
