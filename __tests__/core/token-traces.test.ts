/* eslint-disable @typescript-eslint/unbound-method -- what is taken from Error is compared, not called */

import { Lazy } from "cdktf";
import { withoutTokenTraces } from "../../constructs/core/token-traces";

const token = (): unknown => Lazy.anyValue({ produce: () => "a" });
const traceOf = (token: unknown): readonly string[] => (token as { creationStack: readonly string[] }).creationStack;

test("tokens that are made within keep no stack trace, those made after it do", () => {
  expect(traceOf(withoutTokenTraces(token))).toEqual([]);
  expect(traceOf(token())).not.toEqual([]);
});

test("an error from within tells where it was thrown, and what comes after it has stack traces again", () => {
  const fail = (): never => {
    throw new Error("refused");
  };
  const kept = Error.prepareStackTrace;

  expect(() => withoutTokenTraces(fail)).toThrow(
    expect.objectContaining({
      stack: expect.stringMatching(/^Error: refused\n {4}at fail .*token-traces\.test\.ts/) as string,
    }),
  );
  expect(Error.prepareStackTrace).toBe(kept);
});

test("an error that is read within has its stack trace too", () => {
  const stack = withoutTokenTraces(() => new Error("seen").stack);

  expect(stack).toMatch(/^Error: seen\n {4}at .*token-traces\.test\.ts/);
});
