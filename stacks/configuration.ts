import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ErrorObject } from "ajv";
import { closest, distance } from "fastest-levenshtein";
import { parse } from "yaml";
import type { EksClusterProps, ExistingNetworkSettings, HardWayClusterProps } from "../constructs";

/** What a caller of the module says by its variables, and not whoever generates it. */
type Varied = "clusterName" | "adminCidrs" | "ssh" | "mirrors";

/** Settings that shape the module: how many machines, in which zones, in which groups. */
export type HardWayShape = Omit<HardWayClusterProps, Varied | "existingNetwork" | "proxy" | "allowPlainState">;
export type EksShape = Omit<EksClusterProps, "clusterName" | "kubernetesVersion" | "publicCidrs">;

/** How Terraform reaches the machines of a module, where that is not by its variable `ssh_address`. */
interface Reached {
  /** Whether it goes through a bastion that is there, which callers name by `ssh_bastion_host` and so on. @default false */
  readonly existingBastion?: boolean;
}

export interface HardWayConfiguration extends Reached {
  readonly kind: "hard-way";
  readonly cluster?: HardWayShape;
}
export interface EksConfiguration {
  readonly kind: "eks";
  readonly cluster?: EksShape;
}
export interface HybridConfiguration extends Reached {
  readonly kind: "hybrid";
  /** The private VPC that is there. */
  readonly network: ExistingNetworkSettings;
  readonly cluster?: Omit<HardWayShape, "topology" | "nat" | "apiExposure" | "networkCidr" | "availabilityZones">;
}

/** One YAML file: the cluster that a generated module makes. */
export type Configuration = HardWayConfiguration | EksConfiguration | HybridConfiguration;

/** Under the name that the module has for it. */
const VARIABLES: Readonly<Record<string, string>> = {
  clusterName: "cluster_name",
  adminCidrs: "admin_cidrs",
  publicCidrs: "admin_cidrs",
  ssh: "ssh_address and ssh_timeout",
  mirrors: "download_mirror, image_mirror, package_mirror and checksums",
  proxy: "proxy_url, proxy_user, proxy_password and proxy_exceptions",
};

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema & { readonly const?: string }>>;
  readonly anyOf?: readonly Schema[];
}

export const SCHEMA_PATH = join(__dirname, "configuration.schema.json");

/**
 * Reads a configuration.
 * @throws Error with every problem of its form, each with its path; the rules of a cluster are judged when it is made
 */
export function readConfiguration(path: string): Configuration {
  let given: unknown;
  try {
    given = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`cannot read ${path}: ${(error as Error).message.split("\n")[0]}`);
  }
  const problems = problemsOf(given);
  if (problems.length > 0)
    throw new Error(
      `${path} has ${problems.length} problem${problems.length === 1 ? "" : "s"}:\n${problems.map((one) => `  - ${one}`).join("\n")}`,
    );
  return given as Configuration;
}

function problemsOf(given: unknown): string[] {
  const { anyOf: kinds = [] } = JSON.parse(readFileSync(SCHEMA_PATH, "utf8")) as Schema;
  const kindOf = (schema: Schema): string => schema.properties?.["kind"]?.const ?? "";
  const { kind } = (typeof given === "object" && given !== null ? given : {}) as { readonly kind?: unknown };
  const schema = kinds.find((one) => kindOf(one) === kind);
  if (schema === undefined)
    return [`kind ${JSON.stringify(kind)} must be one of ${kinds.map(kindOf).join(", ")}; say which cluster is meant`];
  // Of its keywords only those for people, such as `default`, are not the validator's.
  const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(schema);
  if (validate(given)) return [];
  const errors = validate.errors ?? [];
  // A value that none of several forms takes is told once, not once for each form.
  const choices = errors.filter(({ keyword }) => keyword === "anyOf");
  return errors
    .filter((error) => !choices.some(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`)))
    .map(sentence);
}

/** What to do about a key that is not known. */
function instead(unknown: string, known: readonly string[]): string {
  const variable = VARIABLES[unknown];
  if (variable !== undefined) return `take it out: callers of the module say it, by ${variable}`;
  const near = closest(unknown, known);
  if (known.length > 0 && distance(unknown, near) <= unknown.length / 2) return `did you mean ${near}?`;
  return known.length === 0 ? "take it out" : `there are ${[...known].sort().join(", ")}`;
}

function sentence({ instancePath, keyword, params, message, data, parentSchema, schema }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
  const under = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const is = `${path || "the file"} ${JSON.stringify(data)}`;
  switch (keyword) {
    case "additionalProperties": {
      const unknown = (params as { additionalProperty: string }).additionalProperty;
      return `${under(unknown)} is no setting; ${instead(unknown, Object.keys((parentSchema as Schema).properties ?? {}))}`;
    }
    case "required":
      return `${under((params as { missingProperty: string }).missingProperty)} is missing; add it`;
    case "enum":
      return `${is} must be one of ${(schema as unknown[]).map(String).join(", ")}; choose one`;
    case "anyOf":
      return `${is} must be ${(schema as Schema[]).map(({ type }) => `of type ${type}`).join(" or ")}; write it so`;
    default:
      return `${is} ${message}; write it so`;
  }
}
