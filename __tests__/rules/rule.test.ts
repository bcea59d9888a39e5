import { Lazy, Token } from "cdktf";
import { problemsOf, refuse, validationOf, type Rule } from "../../constructs/rules/rule";

interface Settings {
  readonly name: string;
  readonly count: number | undefined;
  readonly blocks: readonly string[];
}

const good: Settings = { name: "blue", count: 3, blocks: ["10.0.0.0/8"] };
const RULES: readonly Rule<Settings>[] = [
  {
    id: "name",
    of: ({ name }) => ({ name }),
    accepts: (name: string) => name.length < 5,
    must: "must have fewer than 5 letters",
    cure: "use blue",
    breaks: () => ({ ...good, name: "purple" }),
    variables: { name: { condition: "length(var.name) < 5", breaks: "purple" } },
  },
  {
    id: "count",
    of: ({ count }) => ({ "group.count": count }),
    accepts: (count: number, { name }) => name === "big" || count < 10,
    must: "must be below 10",
    cure: "use 3",
    breaks: () => ({ ...good, count: 10 }),
  },
  {
    id: "blocks",
    of: ({ blocks }) => ({ blocks }),
    accepts: (blocks: readonly string[]) => blocks.length > 0,
    must: "must name a block",
    cure: "name your own",
    breaks: () => ({ ...good, blocks: [] }),
    variables: {
      blocks: { condition: "length(var.blocks) > 0", breaks: "[]" },
      name: { condition: 'var.name != "none"', breaks: "none" },
    },
  },
];

test("good settings have no problem", () => {
  expect(problemsOf(RULES, good)).toEqual([]);
});

test("a problem names its rule, path and value, and says what must hold and what to do", () => {
  expect(problemsOf(RULES, { ...good, count: 12 })).toEqual([
    { rule: "count", path: "group.count", value: 12, sentence: "group.count 12 must be below 10; use 3" },
  ]);
});

test("several bad values are all found, in the order of the rules", () => {
  const found = problemsOf(RULES, { name: "purple", count: 12, blocks: [] });

  expect(found.map(({ sentence }) => sentence)).toEqual([
    'name "purple" must have fewer than 5 letters; use blue',
    "group.count 12 must be below 10; use 3",
    "blocks [] must name a block; name your own",
  ]);
});

test("a rule may look at the other settings", () => {
  expect(problemsOf(RULES, { ...good, name: "big", count: 12 })).toEqual([]);
});

test("a value that is not given has no problem", () => {
  expect(problemsOf(RULES, { ...good, count: undefined })).toEqual([]);
});

test.each([
  ["text", { name: Lazy.stringValue({ produce: () => "a name of more than five letters" }) }],
  ["a number", { count: Lazy.numberValue({ produce: () => 12 }) }],
  ["the whole of a list", { blocks: Token.asList(Lazy.stringValue({ produce: () => "" })) }],
])("a token for %s is left to Terraform", (_, change) => {
  expect(problemsOf(RULES, { ...good, ...change })).toEqual([]);
});

test("rejects with every problem at once, a line for each", () => {
  expect(() => refuse("cluster 'blue'", problemsOf(RULES, { name: "purple", count: 12, blocks: [] }))).toThrow(
    new Error(
      "cluster 'blue' has 3 problems:\n" +
        '  - name "purple" must have fewer than 5 letters; use blue\n' +
        "  - group.count 12 must be below 10; use 3\n" +
        "  - blocks [] must name a block; name your own",
    ),
  );
});

test("rejects one problem in the singular", () => {
  expect(() => refuse("cluster 'blue'", problemsOf(RULES, { ...good, count: 12 }))).toThrow(
    new Error("cluster 'blue' has 1 problem:\n  - group.count 12 must be below 10; use 3"),
  );
});

test("accepts settings without a problem", () => {
  expect(() => refuse("cluster 'blue'", [])).not.toThrow();
});

test("a variable's validation says the rule's sentence with the variable's name", () => {
  expect(validationOf(RULES, "blocks")).toEqual([
    { condition: "${length(var.blocks) > 0}", errorMessage: "blocks must name a block; name your own." },
  ]);
});

test("a variable has a validation for each rule that speaks of it", () => {
  expect(validationOf(RULES, "name").map(({ errorMessage }) => errorMessage)).toEqual([
    "name must have fewer than 5 letters; use blue.",
    "name must name a block; name your own.",
  ]);
});

test("a variable that no rule speaks of has no validation", () => {
  expect(validationOf(RULES, "count")).toEqual([]);
});
