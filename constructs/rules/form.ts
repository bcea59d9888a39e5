import { Token } from "cdktf";
import { distance } from "../core/distance";
import forms from "./prop-forms.json";
import type { Rule } from "./rule";

/** What a value has to be as its type has it: so much of JSON schema as the types of props need. */
interface Form {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Form>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Form;
  readonly items?: Form;
  readonly anyOf?: readonly Form[];
}

/** What TypeScript would have said of props, for those who write none: by path. */
export interface FormFindings {
  /** Keys that there are not, each with the nearest that there is. */
  readonly unknown: Readonly<Record<string, { readonly near: string }>>;
  readonly missing: Readonly<Record<string, { readonly type: string }>>;
  /** By types alone: a value may be a secret, hold what only Terraform knows, or have no JSON. */
  readonly mistyped: Readonly<Record<string, { readonly given: string; readonly type: string }>>;
}
type Found = { -readonly [Kind in keyof FormFindings]: Record<string, FormFindings[Kind][string]> };

/** What is found in good props. */
export const WELL_FORMED: FormFindings = { unknown: {}, missing: {}, mistyped: {} };

/**
 * What is wrong with the form of props, and the props that the other rules can judge: a prop that is not of its type is left
 * out, and left to Terraform where there has to be one.
 */
export function formOf<Props extends object>(
  // By their names, since declarations that import JSON do not compile for everybody.
  name: "HardWayClusterProps" | "EksClusterProps",
  props: Props,
): { readonly form: FormFindings; readonly props: Props } {
  const form: Form = forms[name];
  const found: Found = { unknown: {}, missing: {}, mistyped: {} };
  judge(form, props, "", found);
  const bad = new Set([...Object.keys(found.missing), ...Object.keys(found.mistyped)].map((path) => top(path)));
  if (bad.size === 0) return { form: found, props };
  const usable = Object.fromEntries(Object.entries(props).filter(([key]) => !bad.has(key)));
  const given = (form.required ?? [])
    .filter((key) => bad.has(key))
    .map((key) => [key, unknown(form.properties?.[key])]);
  return { form: found, props: { ...usable, ...Object.fromEntries(given) } as Props };
}

const top = (path: string): string => /^[^.[]+/.exec(path)?.[0] ?? path;
const later = { resolve: () => "" };
/** A value that rules take for one that only Terraform knows. */
const unknown = (form: Form | undefined): unknown =>
  form?.type === "array" ? Token.asList(later) : Token.asString(later);

const typeOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);
const fits = ({ type }: Form, value: unknown): boolean => type === undefined || type === typeOf(value);
const namesOf = ({ type, anyOf }: Form): string =>
  type ?? [...new Set((anyOf ?? []).map((form) => namesOf(form)))].join(" or ");

function judge(form: Form, value: unknown, path: string, found: Found): void {
  // As good as not given, or Terraform's.
  if (value === undefined || Token.isUnresolved(value)) return;
  const fitting = (form.anyOf ?? [form]).find((one) => fits(one, value));
  if (fitting === undefined) found.mistyped[path] = { given: typeOf(value), type: namesOf(form) };
  else if (Array.isArray(value))
    value.forEach((item, index) => judge(fitting.items ?? {}, item, `${path}[${index}]`, found));
  else if (typeOf(value) === "object") judgeKeys(fitting, value as Readonly<Record<string, unknown>>, path, found);
}

function judgeKeys(form: Form, value: Readonly<Record<string, unknown>>, path: string, found: Found): void {
  const { properties = {}, required = [], additionalProperties = true } = form;
  const under = (key: string): string => (path === "" ? key : `${path}.${key}`);
  for (const key of required)
    if (value[key] === undefined) found.missing[under(key)] = { type: namesOf(properties[key] ?? {}) };
  for (const [key, inner] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (typeof known === "object") judge(known, inner, under(key), found);
    else if (known === false && inner !== undefined) found.unknown[under(key)] = { near: nearest(key, properties) };
  }
}

const nearest = (key: string, known: object): string =>
  Object.keys(known)
    .map((name) => ({ name, far: distance(key.toLowerCase(), name.toLowerCase()) }))
    .reduce((best, one) => (one.far < best.far ? one : best)).name;

/** What TypeScript refuses by itself; told with everything else to those who write JavaScript. */
export const formRules = <Settings extends { readonly form: FormFindings }>(): readonly Rule<Settings>[] => [
  {
    id: "known-settings",
    also: ["type"],
    of: ({ form }) => form.unknown,
    accepts: () => false,
    must: "must be a setting, and there is none of that name",
    cure: "write the near one if that is meant, or take it out",
    breaks: (good) => ({ ...good, form: { ...WELL_FORMED, unknown: { networkCdir: { near: "networkCidr" } } } }),
  },
  {
    id: "needed-settings",
    also: ["type"],
    of: ({ form }) => form.missing,
    accepts: () => false,
    must: "must be given",
    cure: "add a value of that type",
    breaks: (good) => ({ ...good, form: { ...WELL_FORMED, missing: { clusterName: { type: "string" } } } }),
  },
  {
    id: "types-of-settings",
    also: ["type"],
    of: ({ form }) => form.mistyped,
    accepts: () => false,
    must: "must be of that type",
    cure: "write it so",
    breaks: (good) => ({
      ...good,
      form: { ...WELL_FORMED, mistyped: { availabilityZones: { given: "string", type: "array or number" } } },
    }),
  },
];
