/** What became of one spec that ran. */
export interface Outcome {
  /** As upstream names it, with its tags. */
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** What it said when it did not pass. */
  readonly message: string;
}

/** The part of ginkgo's JSON report that is read here. */
type Suites = readonly {
  readonly SpecReports?: readonly {
    readonly ContainerHierarchyTexts: readonly string[] | null;
    readonly LeafNodeText: string;
    readonly LeafNodeType: string;
    readonly State: string;
    readonly RunTime: number;
    readonly Failure?: { readonly Message?: string };
  }[];
}[];

/**
 * The specs that ran, of a report as ginkgo writes it. A spec that skips itself is one that did not pass, and so is
 * anything around the specs that failed; what no focus asked for is left out.
 */
export function outcomes(json: string): Outcome[] {
  const reports = (JSON.parse(json) as Suites).flatMap(({ SpecReports }) => SpecReports ?? []);
  return reports.flatMap(({ ContainerHierarchyTexts, LeafNodeText, LeafNodeType, State, RunTime, Failure }) => {
    const message = Failure?.Message ?? "";
    const passed = State === "passed";
    if (State === "pending" || (State === "skipped" && message === "")) return [];
    // What runs before and after all specs is of interest only when it fails.
    if (LeafNodeType !== "It" && (passed || State === "skipped")) return [];
    const texts =
      LeafNodeType === "It" ? [...(ContainerHierarchyTexts ?? []), LeafNodeText] : [LeafNodeType, LeafNodeText];
    return [
      { name: texts.join(" ").trim(), passed, seconds: RunTime / 1e9, message: passed ? "" : `${State}: ${message}` },
    ];
  });
}

/** Regular expressions that find exactly these specs; ginkgo compares them with the suite's title and the spec's name. */
export function focusOf(names: readonly string[]): string[] {
  return names.map((name) => `(^| )${name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$`);
}
