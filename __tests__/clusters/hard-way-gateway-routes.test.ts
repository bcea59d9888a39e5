import type { HardWayClusterProps } from "../../constructs";
import { hardWay, stage } from "../support/hard-way";
import { dependencies, named, only, references, withoutHash } from "../support/resources";

const VPN = "vgw-0123456789abcdef0";
const TRANSIT = "tgw-0123456789abcdef0";
const PRIVATE: Partial<HardWayClusterProps> = {
  topology: "private",
  nat: "per-zone",
  availabilityZones: ["eu-west-1a", "eu-west-1b"],
  ssh: { address: "private" },
};
const routed = hardWay({ ...PRIVATE, gatewayRoutes: { "10.1.0.0/16": VPN, "10.2.0.0/16": TRANSIT } });
const routes = Object.entries(named(routed, "aws_route")).filter(([name]) => name.includes("gateway-routes"));

test("every table leads to the other side, by the gateway that was named for it (FT-94)", () => {
  const found = routes.map(([, { route_table_id, destination_cidr_block, gateway_id, transit_gateway_id }]) => [
    references(route_table_id).map(withoutHash)[0],
    destination_cidr_block,
    gateway_id ?? transit_gateway_id,
    gateway_id === undefined ? "transit" : "vpn",
  ]);

  expect(found.sort()).toEqual(
    ["public-table", "routes", "routes-1"].flatMap((table) => [
      [`aws_route_table.cluster_network_${table}`, "10.1.0.0/16", VPN, "vpn"],
      [`aws_route_table.cluster_network_${table}`, "10.2.0.0/16", TRANSIT, "transit"],
    ]),
  );
});

test("each gateway is attached to the VPC once, a transit gateway in each zone, before a route leads to it (FT-94)", () => {
  expect(only(routed, "aws_vpn_gateway_attachment")).toMatchObject({ vpn_gateway_id: VPN });
  const transit = only(routed, "aws_ec2_transit_gateway_vpc_attachment");
  expect(transit).toMatchObject({ transit_gateway_id: TRANSIT });
  expect(references(transit["subnet_ids"]).map(withoutHash).sort()).toEqual([
    "aws_subnet.cluster_network_private",
    "aws_subnet.cluster_network_private-1",
  ]);
  for (const [, route] of routes)
    expect(dependencies(route)).toEqual([
      expect.stringMatching(
        route["gateway_id"] === undefined
          ? /^aws_ec2_transit_gateway_vpc_attachment\./
          : /^aws_vpn_gateway_attachment\./,
      ),
    ]);
});

test("machines are reached when the routes are there (FT-94)", () => {
  expect(dependencies(stage(routed, "ssh-host-key/controller-0"))).toEqual(
    expect.arrayContaining(routes.map(([name]) => `aws_route.${name}`)),
  );
});

test("no route and no gateway is made where none is named (FT-94)", () => {
  const none = JSON.stringify(hardWay(PRIVATE).resource);

  expect(none).not.toMatch(/gateway-routes|vpn_gateway|transit_gateway/);
});
