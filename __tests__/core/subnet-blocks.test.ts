import { Cidr } from "../../constructs/core/cidr";
import { subnetBlocks } from "../../constructs/core/subnet-blocks";

const blocks = (network: string, zones: number, facing?: boolean) => {
  const found = subnetBlocks(Cidr.parse(network), zones, facing);
  return [found.machines.map(String), found.facing.map(String)];
};

test("one zone has the whole network (FT-05)", () => {
  expect(blocks("10.240.0.0/24", 1)).toEqual([["10.240.0.0/24"], []]);
});

test("several zones have equal parts, of which there are a power of two (FT-05, F-28)", () => {
  expect(blocks("10.240.0.0/24", 2)).toEqual([["10.240.0.0/25", "10.240.0.128/25"], []]);
  expect(blocks("10.240.0.0/24", 3)).toEqual([["10.240.0.0/26", "10.240.0.64/26", "10.240.0.128/26"], []]);
});

test("a fourth zone leaves the blocks of three as they were (FT-05)", () => {
  expect(blocks("10.240.0.0/24", 4)[0]).toEqual([...blocks("10.240.0.0/24", 3)[0]!, "10.240.0.192/26"]);
});

test("what faces the internet beside private machines has the upper half (FT-06)", () => {
  expect(blocks("10.240.0.0/24", 1, true)).toEqual([["10.240.0.0/25"], ["10.240.0.128/25"]]);
  expect(blocks("10.0.0.0/16", 3, true)).toEqual([
    ["10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19"],
    ["10.0.128.0/19", "10.0.160.0/19", "10.0.192.0/19"],
  ]);
});
