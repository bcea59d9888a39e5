import { HttpBackend, LocalBackend, S3Backend, TerraformStack, Testing } from "cdktf";
import { Construct } from "constructs";
import { warnOfPlainState } from "../../constructs/clusters/plain-state";
import { cluster } from "../support/hard-way";
import { addProviders } from "../support/synth";

const warnings = (scope: Construct): string[] =>
  scope.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => data as string);

/** What is said at synth of a part whose stack gets its backend afterwards. */
function said(backend: (stack: TerraformStack) => void): string[] {
  const stack = new TerraformStack(Testing.app(), "test");
  const part = new Construct(stack, "part");
  warnOfPlainState(part);
  backend(stack);
  new Construct(part, "within");
  Testing.synth(stack);
  return warnings(part);
}

const bucket = { bucket: "states", key: "state" };

test("a local state is warned of, once, with the cure (LD-14)", () => {
  expect(said((stack) => new LocalBackend(stack, { path: "terraform.tfstate" }))).toEqual([
    "the keys of this cluster will lie in plain text in Terraform's state, a file beside the stack; " +
      "use a backend that encrypts, such as S3Backend with encrypt and use_lockfile, or set allowPlainState",
  ]);
});

test("a stack without a backend has a local one (LD-14)", () => {
  expect(said(() => undefined)).toHaveLength(1);
});

test.each([
  ["that is not told to encrypt", {}],
  ["that is told not to", { encrypt: false }],
])("S3 %s is warned of (LD-14)", (_, encrypt) => {
  expect(said((stack) => new S3Backend(stack, { ...bucket, ...encrypt }))).toEqual([
    expect.stringContaining("in Terraform's state, in S3 without encrypt; "),
  ]);
});

test("S3 with encrypt is well, and of a backend that is not known nothing is said (LD-14)", () => {
  expect(said((stack) => new S3Backend(stack, { ...bucket, encrypt: true }))).toEqual([]);
  expect(said((stack) => void new S3Backend(stack, bucket).addOverride("encrypt", true))).toEqual([]);
  expect(said((stack) => new HttpBackend(stack, { address: "https://state.example" }))).toEqual([]);
});

test.each([
  [1, {}],
  [0, { allowPlainState: true }],
])("a cluster warns of it %i times with %j (LD-14)", (times, props) => {
  const stack = new TerraformStack(Testing.app(), "test");
  addProviders(stack);
  const made = cluster(stack, props);
  Testing.synth(stack);

  expect(warnings(made)).toHaveLength(times);
});
