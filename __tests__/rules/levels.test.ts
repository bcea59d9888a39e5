import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EKS_RULES, HARD_WAY_RULES, problemsOf } from "../../constructs";
import { eksSettings } from "../../constructs/clusters/eks-props";
import { hardWaySettings } from "../../constructs/clusters/hard-way-defaults";
import * as mistyped from "./mistyped";

const at = (level: "type" | "node", rules: readonly { readonly id: string; readonly also?: readonly string[] }[]) =>
  rules.filter(({ also = [] }) => also.includes(level)).map(({ id }) => id);
const examplesOf = (name: string): string[] => {
  const source = readFileSync(join(__dirname, "mistyped.ts"), "utf8");
  const [, list = ""] = new RegExp(`^export const ${name}: [^]*?\\[\\n([^]*?)^\\];`, "m").exec(source) ?? [];
  return [...list.matchAll(/@ts-expect-error (\S+)$/gm)].map(([, id]) => id!);
};

// That each of them is an error is the compiler's to say, in the tier `types`.
test.each([
  ["HARD_WAY", HARD_WAY_RULES],
  ["EKS", EKS_RULES],
] as const)("each rule of %s at level type has an example that does not compile (FT-97)", (name, rules) => {
  expect(examplesOf(name)).toEqual(at("type", rules));
});

const hardWay = examplesOf("HARD_WAY").map((id, index) => [id, mistyped.HARD_WAY[index + 1]!] as const);
const eks = examplesOf("EKS").map((id, index) => [id, mistyped.EKS[index + 1]!] as const);

test.each(hardWay)("and synth refuses that of %s too, for those who write JavaScript (FT-97)", (id, props) => {
  const found = problemsOf(HARD_WAY_RULES, hardWaySettings(props));

  expect(found.map(({ rule }) => rule)).toContain(id);
});

test.each(eks)("and synth refuses that of %s on EKS too (FT-97)", (id, props) => {
  const found = problemsOf(EKS_RULES, eksSettings(props));

  expect(found.map(({ rule }) => rule)).toContain(id);
});

test("each rule at level node is seen refused by a script, in a test that says so in its title (FT-97)", () => {
  const scripts = join(__dirname, "..", "scripts");
  const sources = readdirSync(scripts).filter((name) => name.endsWith(".test.ts"));
  const titles = sources.flatMap((name) => [
    ...readFileSync(join(scripts, name), "utf8").matchAll(/^ *test\(\s*"[^"]* \([^")]*\brule ([a-z-]+)\)"/gm),
  ]);

  expect([...new Set(titles.map(([, id]) => id))].sort()).toEqual(
    [...new Set([...at("node", HARD_WAY_RULES), ...at("node", EKS_RULES)])].sort(),
  );
});
