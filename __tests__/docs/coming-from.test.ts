import { existsSync } from "node:fs";
import { join } from "node:path";
import { STAGES } from "../../constructs";
import { page, tableUnder } from "../support/page";

const text = page("coming-from.md");
const REPOSITORY = join(__dirname, "..", "..");
const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

test.each(["From eksctl's ClusterConfig to EksCluster", "From kops' Cluster to HardWayCluster and HybridCluster"])(
  "%s: what is named on our side is a prop (FT-95, S2-02, S4-03)",
  (heading) => {
    const props = new Set([...page("api.md").matchAll(/^ +readonly (\w+)\??:/gm)].map(([, name]) => name));
    const named = tableUnder(text, heading).flatMap(([, ours]) => codes(ours!));

    expect(named.length).toBeGreaterThan(20);
    for (const path of named) for (const name of path.split(".")) expect([path, props.has(name)]).toEqual([path, true]);
  },
);

test("each stage and script that is named is there (FT-95, S1-01)", () => {
  const stages = tableUnder(text, "Kubernetes the hard way").flatMap(([, ours]) =>
    ours!.startsWith("stage") ? codes(ours!) : [],
  );
  const names: readonly string[] = STAGES.map(({ name }) => name);

  expect(stages).toEqual(expect.arrayContaining(["etcd", "worker"]));
  for (const stage of stages) expect(names).toContain(stage);
  for (const [script] of text.matchAll(/scripts\/verify\/\w+\.sh/g))
    expect([script, existsSync(join(REPOSITORY, script))]).toEqual([script, true]);
});
