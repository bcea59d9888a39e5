import { hardWay } from "../support/hard-way";
import { all, at, named, references, withoutHash } from "../support/resources";
import { addresses } from "../support/synth";

const stack = hardWay({
  availabilityZones: ["eu-west-1a", "eu-west-1b"],
  controlPlane: { count: 3 },
  workers: { count: 3 },
});

test("machines take the zones in turn (FT-14, FT-15, F-28)", () => {
  const found = all(stack, "aws_instance").map(({ subnet_id, private_ip }) => [
    ...references(subnet_id).map((address) => withoutHash(address).replace("aws_subnet.cluster_network_", "")),
    private_ip as string,
  ]);

  expect(found).toEqual([
    ["public", "10.240.0.10"],
    ["public-1", "10.240.0.139"],
    ["public", "10.240.0.12"],
    ["public", "10.240.0.20"],
    ["public-1", "10.240.0.149"],
    ["public", "10.240.0.22"],
  ]);
});

test("the load balancer has a node in each zone and reaches the controllers of all (FT-11, F-28)", () => {
  const [balancer] = all(stack, "aws_lb");

  expect(references(balancer!.subnets).map(withoutHash)).toEqual([
    "aws_subnet.cluster_network_public-1",
    "aws_subnet.cluster_network_public",
  ]);
  expect(balancer).toMatchObject({ enable_cross_zone_load_balancing: true });
});

test("pods of a zone have their way to those of the other: one table, all routes (FT-53, F-28)", () => {
  const routes = Object.entries(named(stack, "aws_route")).filter(([name]) => name.includes("pod-routes"));

  expect(routes.map(([, route]) => references(route.route_table_id).map(withoutHash))).toEqual(
    Array(3).fill(["aws_route_table.cluster_network_routes"]),
  );
});

test("a certificate speaks of the address in the zone's subnet (FT-23)", () => {
  expect(at(stack, "tls_cert_request", "cluster_pki_kubernetes_worker-1_request").ip_addresses).toEqual([
    "10.240.0.149",
  ]);
});

test("zones that are counted are looked up among those with all instance types, and stay (F-28)", () => {
  const counted = hardWay({ availabilityZones: 2 });

  expect(all(counted, "aws_subnet").map(({ lifecycle }) => lifecycle as unknown)).toEqual(
    Array(2).fill({ ignore_changes: ["availability_zone"] }),
  );
});

test("a second zone leaves every address as it was (FT-05)", () => {
  expect(addresses(hardWay({ availabilityZones: 2 }))).toEqual(expect.arrayContaining(addresses(hardWay())));
});
