import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { TerraformVariable } from "cdktf";
import ts from "typescript";
import * as library from "../../constructs";
import { blocksOf } from "../support/page";
import { synth } from "../support/synth";

// The TypeScript that pages show, as it stands there.
const REPOSITORY = join(__dirname, "..", "..");
const pages = ["README.md", ...readdirSync(join(REPOSITORY, "docs")).map((name) => join("docs", name))];
const snippets = pages
  .filter((name) => name.endsWith(".md") && name !== join("docs", "api.md"))
  .flatMap((name) =>
    blocksOf(readFileSync(join(REPOSITORY, name), "utf8"), "ts").map(
      (text, index) => [`${name}, number ${index + 1}`, text] as const,
    ),
  );

test("there are some of each kind of cluster", () => {
  const all = snippets.map(([, text]) => text).join("");

  for (const name of ["HardWayCluster", "EksCluster", "HybridCluster"]) expect(all).toContain(`new ${name}(`);
});

test.each(snippets)("%s makes a cluster (FT-02, FT-95)", (_, text) => {
  const { outputText } = ts.transpileModule(text.replace(/^import .*$/gm, ""), {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  const secret = (stack: TerraformStack, id: string): TerraformVariable => new TerraformVariable(stack, id, {});

  const made = synth((stack) => {
    const given = { ...library, stack, user: secret(stack, "user"), password: secret(stack, "password") };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what the pages say, and they are ours
    new Function(...Object.keys(given), outputText)(...Object.values(given));
  });

  expect(Object.keys(made.resource).length).toBeGreaterThan(10);
});
