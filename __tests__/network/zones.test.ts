import { numbered } from "../../constructs/core/numbered";
import { Network, type NetworkProps } from "../../constructs/network/network";
import { all, at, dependencies, named, only, references, resources, waitFor, withoutHash } from "../support/resources";
import { synth } from "../support/synth";

const ZONES = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
const network = (props: Partial<NetworkProps> = {}) =>
  synth((stack) => {
    const made = new Network(stack, "network", { clusterName: "blue", availabilityZones: ZONES, ...props });
    waitFor(stack, made.ready);
  });
/** Each table's subnets and where its routes lead, by the names of the resources. */
const tables = (stack: ReturnType<typeof network>): Record<string, { subnets: string[]; routes: string[] }> =>
  Object.fromEntries(
    Object.keys(resources(stack, "aws_route_table")).map((table) => {
      const uses = (block: object): boolean => references(block).includes(`aws_route_table.${table}`);
      const others = (type: string): string[] =>
        all(stack, type)
          .filter(uses)
          .flatMap(references)
          .map(withoutHash)
          .filter((address) => !address.startsWith("aws_route_table."))
          .map((address) => address.replace(/.*\.network_/, ""))
          .sort();
      return [
        withoutHash(table).replace("network_", ""),
        { subnets: others("aws_route_table_association"), routes: others("aws_route") },
      ];
    }),
  );

const blocks = (stack: ReturnType<typeof network>): string[] =>
  Object.entries(named(stack, "aws_subnet"))
    .map(([name, { availability_zone, cidr_block }]) => `${name} ${availability_zone} ${cidr_block}`)
    .sort();

test("each zone has a subnet, of equal parts of the network (FT-05, F-28)", () => {
  expect(blocks(network())).toEqual([
    "network_public eu-west-1a 10.240.0.0/26",
    "network_public-1 eu-west-1b 10.240.0.64/26",
    "network_public-2 eu-west-1c 10.240.0.128/26",
  ]);
});

test("public zones share a table, which each is associated with (FT-06, FT-07, F-05)", () => {
  expect(tables(network())).toEqual({
    routes: { subnets: ["public", "public-1", "public-2"], routes: ["internet-gateway"] },
  });
});

test("the first of several zones has the addresses of the only one (FT-05)", () => {
  const one = network({ availabilityZones: ["eu-west-1a"] });
  const names = (stack: typeof one, type: string): string[] => Object.keys(resources(stack, type));

  for (const type of Object.keys(one.resource))
    expect(names(network(), type)).toEqual(expect.arrayContaining(names(one, type)));
});

test("private zones without a way out share a table too, which leads nowhere (FT-06)", () => {
  expect(tables(network({ topology: "private" }))).toEqual({
    routes: { subnets: ["private", "private-1", "private-2"], routes: [] },
  });
});

test("with one NAT gateway, private zones share the table that leads to it (FT-06)", () => {
  const stack = network({ topology: "private", nat: "single" });

  expect(tables(stack)).toEqual({
    routes: { subnets: ["private", "private-1", "private-2"], routes: ["nat_gateway"] },
    "public-table": { subnets: ["public", "public-1", "public-2"], routes: ["internet-gateway"] },
  });
  expect(Object.keys(named(stack, "aws_eip"))).toEqual(["network_nat_address"]);
});

test("with a NAT gateway in each zone, each has a table that leads to its own (FT-06, F-28)", () => {
  const stack = network({ topology: "private", nat: "per-zone" });

  expect(tables(stack)).toEqual({
    routes: { subnets: ["private"], routes: ["nat_gateway"] },
    "routes-1": { subnets: ["private-1"], routes: ["nat_gateway-1"] },
    "routes-2": { subnets: ["private-2"], routes: ["nat_gateway-2"] },
    "public-table": { subnets: ["public", "public-1", "public-2"], routes: ["internet-gateway"] },
  });
  expect(
    [0, 1, 2].map((zone) => references(at(stack, "aws_nat_gateway", numbered("network_nat_gateway", zone)).subnet_id)),
  ).toEqual(
    [0, 1, 2].map((zone) => [expect.stringMatching(`^aws_subnet.${numbered("network_public", zone)}_[0-9A-F]{8}$`)]),
  );
});

test("NAT gateways and their addresses wait for the way to the internet (FT-06)", () => {
  const stack = network({ topology: "private", nat: "single" });

  for (const type of ["aws_nat_gateway", "aws_eip"])
    expect(dependencies(only(stack, type))).toEqual(["aws_route.network_internet"]);
});

test("it is ready when every association and every way out is there (FT-07)", () => {
  const stack = network({ topology: "private", nat: "per-zone", availabilityZones: ZONES.slice(0, 2) });

  expect(dependencies(only(stack, "null_resource"))).toEqual([
    "aws_route.network_internet",
    "aws_main_route_table_association.network_main-routes",
    "aws_route_table_association.network_private-routes",
    "aws_route_table_association.network_private-routes-1",
    "aws_route_table_association.network_public-routes",
    "aws_route_table_association.network_public-routes-1",
    "aws_route.network_nat_route",
    "aws_route.network_nat_route-1",
  ]);
});

test("private subnets may have public ones beside them without NAT, for what faces the internet (FT-06)", () => {
  const stack = network({ topology: "private", facing: true, availabilityZones: ["eu-west-1a"] });

  expect(tables(stack)).toEqual({
    routes: { subnets: ["private"], routes: [] },
    "public-table": { subnets: ["public"], routes: ["internet-gateway"] },
  });
  expect(resources(stack, "aws_nat_gateway")).toEqual({});
});

test("machines' subnets are the lower half, those that face the internet the upper (FT-05)", () => {
  const stack = network({ topology: "private", nat: "single", availabilityZones: ZONES.slice(0, 2) });

  expect(blocks(stack)).toEqual([
    "network_private eu-west-1a 10.240.0.0/26",
    "network_private-1 eu-west-1b 10.240.0.64/26",
    "network_public eu-west-1a 10.240.0.128/26",
    "network_public-1 eu-west-1b 10.240.0.192/26",
  ]);
});
