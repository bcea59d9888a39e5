import { join } from "node:path";
import { prepareConformanceSuite } from "../../lab/artifacts/conformance-suite";
import { focusOf, type Outcome } from "../../lab/conformance/report";
import { runConformance } from "../../lab/conformance/run";
import { selection } from "../../lab/conformance/selection";
import { artifacts, cluster, minutes } from "./hard-way-cluster";
import { testsFolder } from "./own-lab";

const log = (line: string): void => void process.stderr.write(`conformance: ${line}\n`);

/** Runs upstream's specs against the cluster that is up: those whose names these expressions find, or all. */
export async function conformance(options: { focus?: readonly string[]; timeoutMinutes: number }): Promise<Outcome[]> {
  const suite = await prepareConformanceSuite({ log });
  const report = await runConformance(cluster, {
    ...options,
    suite,
    artifacts,
    folder: join(testsFolder, "conformance"),
    log,
  });
  return [...report.outcomes];
}

/** The selection of upstream's specs: all are run at once and told one by one. */
export function conformsToUpstream(): void {
  describe("it conforms to upstream", () => {
    const names = Object.values(selection).flat();
    let outcomes: ReadonlyMap<string, Outcome>;

    beforeAll(async () => {
      const told = await conformance({ focus: focusOf(names), timeoutMinutes: 10 });
      outcomes = new Map(told.map((outcome) => [outcome.name, outcome]));
    }, minutes(30));

    test.each(Object.entries(selection).flatMap(([rows, specs]) => specs.map((spec) => [spec, rows])))(
      "passes %s (%s)",
      (spec) => {
        expect(outcomes.get(spec)).toMatchObject({ passed: true, message: "" });
      },
    );

    test("runs no other spec", () => {
      expect([...outcomes.keys()].sort()).toEqual([...names].sort());
    });
  });
}
