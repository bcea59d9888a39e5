import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { SCHEMA_PATH } from "../../stacks/configuration";

const REPOSITORY = join(__dirname, "..", "..");

/** The JSON schema of a configuration, from the types of the props and what is said beside them. */
export function configurationSchema(): string {
  const generator = createGenerator({
    path: join(REPOSITORY, "stacks", "configuration.ts"),
    tsconfig: join(REPOSITORY, "tsconfig.json"),
    type: "Configuration",
    expose: "none",
    topRef: false,
    additionalProperties: false,
    skipTypeCheck: true,
  });
  return `${JSON.stringify(withoutWords(generator.createSchema("Configuration")), undefined, 2)}\n`;
}

const ajv = new Ajv({ strict: false });

/** A default that is told in words, as `- none`, belongs to the description: a schema's default is a value. */
function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== "object" || value === null) return value;
  const { default: standard, ...rest } = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutWords(inner)]),
  ) as Record<string, unknown>;
  if (standard === undefined) return rest;
  const words = typeof standard === "string" ? standard : JSON.stringify(standard);
  if (!words.startsWith("- ") && ajv.validate(rest, standard)) return { ...rest, default: standard };
  const description = [rest["description"], `Default: ${words.replace(/^- /, "")}.`].filter(Boolean).join(" ");
  return { ...rest, description };
}

// npm run schema
if (process.argv.includes("--write")) writeFileSync(SCHEMA_PATH, configurationSchema());
