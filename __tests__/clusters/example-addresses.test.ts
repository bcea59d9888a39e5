import { LocalBackend, TerraformStack } from "cdktf";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Resource } from "@cdktf/provider-null/lib/resource";
import { addressesOf, EXAMPLES, lost, promised, synthesised } from "../support/addresses";

jest.setTimeout(60_000);
// The lists are a promise: what they name stays, or moves by a `moved` block, so that no upgrade destroys what a user has.
test.each(Object.entries(EXAMPLES))("every address that %s ever had is there, or has moved (FT-02)", (name, build) => {
  const stack = synthesised(build);

  expect(promised(name).length).toBeGreaterThan(40);
  expect(lost(promised(name), stack)).toEqual([]);
});

test.each(Object.entries(EXAMPLES))(
  "every address of %s is promised; npm run addresses adds new ones (FT-02)",
  (name, build) => {
    expect(addressesOf(synthesised(build)).filter((address) => !promised(name).includes(address))).toEqual([]);
  },
);

test("a resource that gets another name without a moved block is lost, and with one it is not (FT-02)", () => {
  const renamed = (isMoved: boolean) =>
    synthesised((app) => {
      const stack = new TerraformStack(app, "test");
      new LocalBackend(stack, { path: "terraform.tfstate" });
      new NullProvider(stack, "null");
      const made = new Resource(stack, "after", {});
      if (isMoved) made.moveFromId("null_resource.before");
    });

  expect(lost(["null_resource.before"], renamed(false))).toEqual(["null_resource.before"]);
  expect(lost(["null_resource.before"], renamed(true))).toEqual([]);
});
