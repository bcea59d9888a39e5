import { CIS_CONTROLS, type Check, type Control, type Program } from "./cis-controls";

/** What there is on a machine: seen on a running one, or what the scripts leave behind. */
export interface Facts {
  readonly flags: Partial<Record<Program, Readonly<Record<string, string>>>>;
  /** Configurations as objects, by the path of their file. */
  readonly configs: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, { readonly mode: string; readonly owner: string; readonly sum: string }>>;
}

/** A sentence for each check of the controls for such a machine that does not hold. */
export function failures(on: Control["on"], facts: Facts): string[] {
  return CIS_CONTROLS.filter((control) => control.on === on).flatMap(({ id, checks }) =>
    checks.flatMap((check) => complaints(check, facts).map((complaint) => `${id}: ${complaint}`)),
  );
}

function complaints(check: Check, facts: Facts): string[] {
  if ("flag" in check) {
    const flags = facts.flags[check.program];
    if (flags === undefined) return [`${check.program} does not run`];
    const value = flags[check.flag];
    return check.must.holds(value) ? [] : [`${check.program} ${check.flag} must be ${check.must.says}, is ${value}`];
  }
  if ("field" in check) {
    if (facts.configs[check.config] === undefined) return [`${check.config} is not there`];
    const value = fieldOf(facts.configs[check.config], check.field);
    return check.must.holds(value) ? [] : [`${check.config} ${check.field} must be ${check.must.says}, is ${value}`];
  }
  const found = matching(check.path, facts);
  if (found.length === 0) return [`${check.path} is not there`];
  return found.flatMap(([path, { mode, owner, sum }]) => {
    if ("mode" in check)
      return beyond(mode, check.mode) ? [`${path} must have mode ${check.mode} or less, has ${mode}`] : [];
    if ("owner" in check) return owner === check.owner ? [] : [`${path} must belong to ${check.owner}, not ${owner}`];
    return sum === facts.files[check.unlike]?.sum ? [`${path} must not be the same as ${check.unlike}`] : [];
  });
}

/** How a control is met, or why it is not, in a cell of docs/security.md. */
export function howOf({ checks, reason }: Control): string {
  if (reason !== undefined) return `off: ${reason}`;
  const texts = checks.map((check) => {
    if ("flag" in check) return `\`${check.flag}\` ${check.must.says}`;
    if ("field" in check) return `\`${check.field}\` ${check.must.says}`;
    if ("mode" in check) return `\`${check.path}\` ${check.mode}`;
    return "owner" in check ? `\`${check.path}\` ${check.owner}` : `\`${check.path}\` unlike \`${check.unlike}\``;
  });
  return texts.join(", ");
}

/** The files that a path with stars speaks of; a star stands for no slash. */
export function matching(path: string, { files }: Facts): [string, Facts["files"][string]][] {
  const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
  return Object.entries(files).filter(([name]) => pattern.test(name));
}

const beyond = (mode: string, most: string): boolean => (parseInt(mode, 8) & ~parseInt(most, 8)) !== 0;

function fieldOf(config: unknown, path: string): string | undefined {
  const found = path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  if (found === undefined || found === null) return undefined;
  return Array.isArray(found) ? found.map(text).join(",") : text(found);
}
