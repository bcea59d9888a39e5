import { isKnown } from "../core/known";

/** One reason to refuse a setting: the row that its synth error and its Terraform validation both come from. */
export interface Rule<Settings> {
  /** Stable name of the rule, as tests and docs call it. */
  readonly id: string;
  /** The values judged, by the path that a user knows them under. */
  readonly of: (settings: Settings) => Readonly<Record<string, unknown>>;
  readonly accepts: (value: never, settings: Settings) => boolean;
  /** What holds for every good value; begins with "must". */
  readonly must: string;
  /** What to do about a bad one. */
  readonly cure: string;
  /** The smallest change of good settings that breaks this rule. */
  readonly breaks: (good: Settings) => Settings;
  /** Where it is refused besides at synth, and at plan by `variables`: by TypeScript, or by a script on the machine. */
  readonly also?: readonly ("type" | "node")[];
  /** Terraform variables that carry such a value, each with the expression that is true for good ones. */
  readonly variables?: Readonly<Record<string, { readonly condition: string; readonly breaks: string }>>;
}

/** A value that a rule refuses. */
export interface Problem {
  readonly rule: string;
  readonly path: string;
  readonly value: unknown;
  readonly sentence: string;
}

/** Every problem of `settings`. Values that only Terraform will know are left to the variables' validation. */
export function problemsOf<Settings>(rules: readonly Rule<Settings>[], settings: Settings): Problem[] {
  return rules.flatMap((rule) =>
    Object.entries(rule.of(settings))
      .filter(([, value]) => value !== undefined && isKnown(value) && !rule.accepts(value as never, settings))
      .map(([path, value]) => ({
        rule: rule.id,
        path,
        value,
        sentence: `${path} ${JSON.stringify(value)} ${rule.must}; ${rule.cure}`,
      })),
  );
}

/** @throws Error that lists every problem, one line each. */
export function refuse(what: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  - ${problem.sentence}`).join("\n");
  throw new Error(`${what} has ${problems.length} problem${problems.length === 1 ? "" : "s"}:\n${lines}`);
}

/** The `validation` blocks of the Terraform variable `name`. */
export function validationOf<Settings>(
  rules: readonly Rule<Settings>[],
  name: string,
): { condition: string; errorMessage: string }[] {
  return rules.flatMap((rule) => {
    const variable = rule.variables?.[name];
    return variable === undefined
      ? []
      : [{ condition: `\${${variable.condition}}`, errorMessage: `${name} ${rule.must}; ${rule.cure}.` }];
  });
}
