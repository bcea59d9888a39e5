import { Lazy, Token } from "cdktf";
import { isKnown } from "../../constructs/core/known";

const token = Lazy.stringValue({ produce: () => "vpc-0a" });

test.each([["text"], [3], [true], [null], [undefined], [[]], [{}], [["a", { b: [1] }]]])("knows %j", (value) => {
  expect(isKnown(value)).toBe(true);
});

test.each([
  ["a token", token],
  ["a text with a token in it", `10.0.0.0/16 ${token}`],
  ["a token for a number", Lazy.numberValue({ produce: () => 3 })],
  ["a token for a list", Token.asList(token)],
  ["a list that holds one", ["10.0.0.0/16", token]],
  ["a record that holds one", { a: "b", c: token }],
  ["a token deep down", { a: [{ b: token }] }],
])("does not know %s", (_, value) => {
  expect(isKnown(value)).toBe(false);
});
