import { PodRoutes } from "../../constructs/network/pod-routes";
import { all, resources } from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const targets = [0, 1].map((index) => ({
  name: `worker-${index}`,
  networkInterfaceId: `eni-${index}`,
  podCidr: `10.200.${index}.0/24`,
}));
const routes = (...routeTableIds: string[]): Synthesised =>
  synth((stack) => void new PodRoutes(stack, "pod-routes", { routeTableIds, targets }));

test("sends each worker's pod block to that worker (FT-53, F-14)", () => {
  const found = all(routes("rtb-a"), "aws_route").map((route) => [
    route.route_table_id as string,
    route.destination_cidr_block as string,
    route.network_interface_id as string,
  ]);

  expect(found).toEqual([
    ["rtb-a", "10.200.0.0/24", "eni-0"],
    ["rtb-a", "10.200.1.0/24", "eni-1"],
  ]);
});

test("puts every worker's route in every route table (FT-53, F-28)", () => {
  const found = all(routes("rtb-a", "rtb-b"), "aws_route").map(
    (route) => `${route.route_table_id} ${route.destination_cidr_block}`,
  );

  expect(found.sort()).toEqual([
    "rtb-a 10.200.0.0/24",
    "rtb-a 10.200.1.0/24",
    "rtb-b 10.200.0.0/24",
    "rtb-b 10.200.1.0/24",
  ]);
});

test("a second table leaves the addresses of the first as they were (FT-53)", () => {
  const before = Object.keys(resources(routes("rtb-a"), "aws_route"));
  const after = Object.keys(resources(routes("rtb-a", "rtb-b"), "aws_route"));

  expect(before).toHaveLength(2);
  expect(after).toEqual(expect.arrayContaining(before));
});
