import fc from "fast-check";
import { Cidr, cidrProblem } from "../../constructs/core/cidr";

const aBlock = fc.tuple(fc.nat({ max: 0xffffffff }), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => ({
  first: prefix === 0 ? 0n : (BigInt(address) >> BigInt(32 - prefix)) << BigInt(32 - prefix),
  prefix,
}));
const text = (address: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".");

test.each([
  ["10.240.0.0/24", 24],
  ["10.200.0.0/16", 16],
  ["0.0.0.0/0", 0],
  ["198.51.100.7/32", 32],
])("reads %s as a block of length %i", (block, prefix) => {
  expect(Cidr.parse(block).prefix).toBe(prefix);
});

test.each([
  ["10.240.0.1/24", "'10.240.0.1/24' has host bits set; did you mean '10.240.0.0/24'?"],
  ["10.0.0.1/16", "'10.0.0.1/16' has host bits set; did you mean '10.0.0.0/16'?"],
  ["10.240.0.0", "'10.240.0.0' is no IPv4 CIDR such as 10.0.0.0/16"],
  ["10.240.0.0/33", "'10.240.0.0/33' is no IPv4 CIDR such as 10.0.0.0/16"],
  ["10.240.0/24", "'10.240.0/24' is no IPv4 CIDR such as 10.0.0.0/16"],
  ["10.240.0.256/24", "'10.240.0.256/24' is no IPv4 CIDR such as 10.0.0.0/16"],
  ["2001:db8::/32", "'2001:db8::/32' is no IPv4 CIDR such as 10.0.0.0/16"],
  [" 10.240.0.0/24", "' 10.240.0.0/24' is no IPv4 CIDR such as 10.0.0.0/16"],
  ["10.240.0.0/24 ", "'10.240.0.0/24 ' is no IPv4 CIDR such as 10.0.0.0/16"],
  ["", "'' is no IPv4 CIDR such as 10.0.0.0/16"],
])("rejects %j and says why (FT-55)", (block, problem) => {
  expect(() => Cidr.parse(block)).toThrow(new Error(problem));
});

test("finds nothing wrong with a good block", () => {
  expect(cidrProblem("10.200.0.0/16")).toBeUndefined();
});

test.each([
  ["10.32.0.0/24", 1, "10.32.0.1"],
  ["10.32.0.0/24", 10, "10.32.0.10"],
  ["10.240.0.0/24", 255, "10.240.0.255"],
  ["10.200.0.0/16", 256, "10.200.1.0"],
  ["10.0.0.0/8", 16777215, "10.255.255.255"],
])("%s has at place %i the address %s (FT-55)", (block, index, address) => {
  expect(Cidr.parse(block).host(index)).toBe(address);
});

test.each([-1, 256])("rejects address %i of a block of 256", (index) => {
  expect(() => Cidr.parse("10.240.0.0/24").host(index)).toThrow(`address ${index} is outside 10.240.0.0/24`);
});

test.each([
  ["10.200.0.0/16", 24, 0, "10.200.0.0/24"],
  ["10.200.0.0/16", 24, 2, "10.200.2.0/24"],
  ["10.200.0.0/16", 24, 255, "10.200.255.0/24"],
  ["10.240.0.0/24", 26, 3, "10.240.0.192/26"],
  ["10.240.0.0/24", 24, 0, "10.240.0.0/24"],
])("%s cut into /%i has at place %i the block %s (FT-55)", (block, prefix, index, part) => {
  expect(Cidr.parse(block).subnet(prefix, index).toString()).toBe(part);
});

test.each([
  [24, 256, "/24 number 256 is outside 10.200.0.0/16"],
  [24, -1, "/24 number -1 is outside 10.200.0.0/16"],
  [8, 0, "/8 number 0 is outside 10.200.0.0/16"],
])("rejects a /%i at place %i of a /16", (prefix, index, message) => {
  expect(() => Cidr.parse("10.200.0.0/16").subnet(prefix, index)).toThrow(message);
});

test.each([
  ["10.240.0.0/24", "10.240.0.0/24", true],
  ["10.240.0.0/24", "10.240.0.128/25", true],
  ["10.240.0.128/25", "10.240.0.0/24", true],
  ["0.0.0.0/0", "10.240.0.0/24", true],
  ["10.240.0.0/24", "10.240.1.0/24", false],
  ["10.240.0.0/25", "10.240.0.128/25", false],
])("says whether %s and %s overlap: %j (FT-55)", (a, b, overlap) => {
  expect(Cidr.parse(a).overlaps(Cidr.parse(b))).toBe(overlap);
});

test.each([
  ["10.240.0.0", true],
  ["10.240.0.255", true],
  ["10.240.1.0", false],
  ["10.239.255.255", false],
])("says whether 10.240.0.0/24 contains %s: %j", (address, inside) => {
  expect(Cidr.parse("10.240.0.0/24").contains(address)).toBe(inside);
});

test("every block is read and written as itself", () => {
  fc.assert(
    fc.property(aBlock, ({ first, prefix }) => {
      expect(Cidr.parse(`${text(first)}/${prefix}`).toString()).toBe(`${text(first)}/${prefix}`);
    }),
  );
});

test("the parts of a block lie inside it, apart from each other, and fill it (FT-55)", () => {
  fc.assert(
    fc.property(aBlock, fc.integer({ min: 1, max: 4 }), ({ first, prefix }, bits) => {
      fc.pre(prefix + bits <= 32);
      const block = Cidr.parse(`${text(first)}/${prefix}`);
      const parts = Array.from({ length: 2 ** bits }, (_, index) => block.subnet(prefix + bits, index));

      expect(parts.every((part) => block.overlaps(part))).toBe(true);
      expect(parts.some((a, i) => parts.some((b, j) => i !== j && a.overlaps(b)))).toBe(false);
      expect(parts.reduce((sum, part) => sum + part.size, 0n)).toBe(block.size);
    }),
  );
});

test("two blocks overlap either way round, or not at all (FT-55)", () => {
  fc.assert(
    fc.property(aBlock, aBlock, (a, b) => {
      const [x, y] = [a, b].map(({ first, prefix }) => Cidr.parse(`${text(first)}/${prefix}`)) as [Cidr, Cidr];

      expect(x.overlaps(y)).toBe(y.overlaps(x));
    }),
  );
});

test("a block contains each of its addresses", () => {
  fc.assert(
    fc.property(aBlock, fc.nat(), ({ first, prefix }, index) => {
      const block = Cidr.parse(`${text(first)}/${prefix}`);

      expect(block.contains(block.host(Number(BigInt(index) % block.size)))).toBe(true);
    }),
  );
});
