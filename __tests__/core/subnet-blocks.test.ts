import { Cidr } from "../../constructs/core/cidr";
import { pairedBlocks, subnetBlocks } from "../../constructs/core/subnet-blocks";

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

test.each([
  [2, 19, ["192.168.0.0/19", "192.168.32.0/19"], ["192.168.64.0/19", "192.168.96.0/19"]],
  [
    3,
    19,
    ["192.168.0.0/19", "192.168.32.0/19", "192.168.64.0/19"],
    ["192.168.96.0/19", "192.168.128.0/19", "192.168.160.0/19"],
  ],
])("%i zones get a public and a private /%i each, public ones first, as eksctl (FT-60)", (zones, _, open, closed) => {
  const blocks = pairedBlocks(Cidr.parse("192.168.0.0/16"), zones);

  expect([blocks.public.map(String), blocks.private.map(String)]).toEqual([open, closed]);
});

test("six zones get sixteenths (FT-60)", () => {
  const blocks = pairedBlocks(Cidr.parse("192.168.0.0/16"), 6);

  expect([...blocks.public, ...blocks.private].map(String).at(-1)).toBe("192.168.176.0/20");
});
