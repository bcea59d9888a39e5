import { EKS_RULES, HARD_WAY_RULES } from "../../constructs";
import { page, tableUnder } from "../support/page";

const ids = [...HARD_WAY_RULES, ...EKS_RULES].map(({ id }) => id);
/** Settings, stages and fields that the page names too. */
const OTHERS = ["etcd", "firewallRules", "podCidr", "podsReachMetadata", "serviceCidr"];

test.each([
  ["kops", 48],
  ["eksctl", 42],
])("docs/peers-rules.md has each rule of %s, with ours or a reason (FT-97)", (peer, count) => {
  const rows = tableUnder(page("peers-rules.md"), peer);

  expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  for (const [, theirs, ours] of rows) expect([theirs, ours]).not.toContain("");
});

test("every rule that docs/peers-rules.md names is in a table (FT-97)", () => {
  const rows = ["kops", "eksctl", "What neither of them checks"].flatMap((heading) =>
    tableUnder(page("peers-rules.md"), heading),
  );
  const named = rows.flatMap((row) => [...row.at(-1)!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));

  expect(named.length).toBeGreaterThan(100);
  expect([...new Set(named)].filter((name) => !ids.includes(name)).sort()).toEqual(OTHERS);
});
