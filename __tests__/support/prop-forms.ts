import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGenerator } from "ts-json-schema-generator";

const REPOSITORY = join(__dirname, "..", "..");
export const FORMS_PATH = join(REPOSITORY, "constructs", "rules", "prop-forms.json");

type Schema = Readonly<Record<string, unknown>>;

/** What the types of the props ask of those who write none: keys, which of them there have to be, and types of values. */
export function propForms(): string {
  const generator = createGenerator({
    path: join(REPOSITORY, "constructs", "index.ts"),
    tsconfig: join(REPOSITORY, "tsconfig.json"),
    expose: "none",
    topRef: false,
    additionalProperties: false,
    skipTypeCheck: true,
  });
  const of = (type: string): unknown => formOf(generator.createSchema(type) as Schema);
  return `${JSON.stringify({ HardWayClusterProps: of("HardWayClusterProps"), EksClusterProps: of("EksClusterProps") })}\n`;
}

/** Keys whose own rules say more than a form. */
const JUDGED = ["extraArguments"];
/** EKS has no use for the route tables of a network, whose description may be one with that of a cluster of ours. */
const TAKEN: Readonly<Record<string, Schema>> = { existingNetwork: { routeTableIds: { type: "array" } } };

function formOf(schema: Schema, key = ""): Schema {
  if (JUDGED.includes(key)) return { type: "object" };
  // It is told in a comment, since JSON has none.
  if (String(schema["$comment"]).includes("=>")) return { type: "function" };
  const { type, const: constant, properties, required, items, additionalProperties: more, anyOf } = schema;
  if (Array.isArray(type)) return { anyOf: type.map((one) => ({ type: one as string })) };
  const made: Record<string, unknown> = {};
  const kind = type ?? (constant === undefined ? undefined : typeof constant);
  if (kind !== undefined) made["type"] = kind;
  if (anyOf !== undefined) made["anyOf"] = (anyOf as Schema[]).map((one) => formOf(one));
  if (properties !== undefined)
    made["properties"] = {
      ...Object.fromEntries(
        Object.entries(properties as Record<string, Schema>).map(([name, inner]) => [name, formOf(inner, name)]),
      ),
      ...without(TAKEN[key] ?? {}, properties as object),
    };
  if (required !== undefined) made["required"] = required;
  if (items !== undefined) made["items"] = formOf(items as Schema);
  if (more === false) made["additionalProperties"] = false;
  if (typeof more === "object" && more !== null && Object.keys(more).length > 0)
    made["additionalProperties"] = formOf(more as Schema);
  return made;
}

const without = (taken: Schema, properties: object): Schema =>
  Object.fromEntries(Object.entries(taken).filter(([name]) => !(name in properties)));

// npm run schema
if (process.argv.includes("--write")) writeFileSync(FORMS_PATH, propForms());
