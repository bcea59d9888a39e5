import { Token } from "cdktf";
import { Network, type NetworkProps } from "../../constructs/network/network";
import { all, dependencies, only, references, waitFor } from "../support/resources";
import { synth } from "../support/synth";

const BLUE: NetworkProps = { clusterName: "blue", availabilityZones: ["eu-west-1a"] };
const network = (props: Partial<NetworkProps> = {}) =>
  synth((stack) => void new Network(stack, "network", { ...BLUE, ...props }));

test("the VPC is 10.240.0.0/24 with DNS names and a resolver (FT-05)", () => {
  expect(only(network(), "aws_vpc")).toMatchObject({
    cidr_block: "10.240.0.0/24",
    enable_dns_support: true,
    enable_dns_hostnames: true,
  });
});

test("one subnet fills the VPC (FT-05)", () => {
  expect(only(network(), "aws_subnet")).toMatchObject({
    cidr_block: "10.240.0.0/24",
    vpc_id: "${aws_vpc.network_39EEAA36.id}",
  });
});

test("VPC and subnet take the block that is given (FT-05)", () => {
  const stack = network({ cidr: "172.16.0.0/16" });

  expect([only(stack, "aws_vpc").cidr_block, only(stack, "aws_subnet").cidr_block]).toEqual([
    "172.16.0.0/16",
    "172.16.0.0/16",
  ]);
});

test("the subnet carries the tag that Kubernetes looks for (FT-06)", () => {
  expect(only(network(), "aws_subnet").tags).toEqual({
    Name: "blue",
    "kubernetes.io/role/elb": "1",
    "kubernetes.io/cluster/blue": "owned",
  });
});

test("the subnet is in the zone that is named, and stays where only Terraform knows it", () => {
  expect(only(network(), "aws_subnet")).toMatchObject({ availability_zone: "eu-west-1a" });
  expect(only(network(), "aws_subnet")).not.toHaveProperty("lifecycle");
  expect(only(network({ availabilityZones: [Token.asString({ known: "later" })] }), "aws_subnet").lifecycle).toEqual({
    ignore_changes: ["availability_zone"],
  });
});

test("everything that is not local goes to one internet gateway (FT-06)", () => {
  expect(only(network(), "aws_route")).toMatchObject({
    destination_cidr_block: "0.0.0.0/0",
    gateway_id: "${aws_internet_gateway.network_internet-gateway_E855E801.id}",
  });
});

test("our route table is the VPC's main one (FT-07, F-05)", () => {
  expect(only(network(), "aws_main_route_table_association")).toMatchObject({
    vpc_id: "${aws_vpc.network_39EEAA36.id}",
    route_table_id: "${aws_route_table.network_routes_8D075533.id}",
  });
});

test("our route table is the subnet's own too (FT-07, F-05)", () => {
  expect(only(network(), "aws_route_table_association")).toMatchObject({
    subnet_id: "${aws_subnet.network_public_0CBAFAB1.id}",
    route_table_id: "${aws_route_table.network_routes_8D075533.id}",
  });
});

test("it is ready when the way out and both associations are there (FT-07)", () => {
  const stack = synth((scope) => waitFor(scope, new Network(scope, "network", BLUE).ready));

  expect(dependencies(only(stack, "null_resource"))).toEqual([
    "aws_route.network_internet",
    "aws_main_route_table_association.network_main-routes",
    "aws_route_table_association.network_public-routes",
  ]);
});

test("every part bears the cluster's name", () => {
  const stack = network();
  const tagged = ["aws_vpc", "aws_internet_gateway", "aws_subnet", "aws_route_table"];

  expect(tagged.map((type) => (only(stack, type).tags as { Name: string }).Name)).toEqual([
    "blue",
    "blue",
    "blue",
    "blue",
  ]);
});

test("makes no NAT gateway and no address that costs money", () => {
  const stack = network();

  expect([...all(stack, "aws_nat_gateway"), ...all(stack, "aws_eip")]).toEqual([]);
});

test("the internet route refers to nothing but its table and its gateway", () => {
  expect(references(only(network(), "aws_route")).map((address) => address.split(".")[0])).toEqual([
    "aws_internet_gateway",
    "aws_route_table",
  ]);
});
