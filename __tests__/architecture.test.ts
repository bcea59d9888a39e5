import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { importsOf, violations } from "./support/imports";

const REPOSITORY = join(__dirname, "..");
/** The files below a folder, by their paths in it. */
function below(folder: string): { path: string; text: string }[] {
  const root = join(REPOSITORY, folder);
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}
const constructs = below("constructs");
const sources = constructs.filter(({ path }) => path.endsWith(".ts"));

test("there are constructs to judge", () => {
  expect(sources.length).toBeGreaterThan(25);
});

test.each(sources)("constructs/$path imports only what its folder may", ({ path, text }) => {
  expect(violations(path, text)).toEqual([]);
});

test.each(sources)("constructs/$path has at most 250 lines", ({ text }) => {
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(250);
});

const app = [{ path: "main.ts", text: readFileSync(join(REPOSITORY, "main.ts"), "utf8") }, ...below("stacks")];

test("the app knows the library by its front door alone", () => {
  const own = app.flatMap(({ text }) => importsOf(text)).filter(({ from }) => /^\.+\/constructs/.test(from));

  expect(new Set(own.map(({ from }) => from))).toEqual(new Set(["../constructs"]));
});

test("the app loads single files of providers, never a whole one", () => {
  const providers = app
    .flatMap(({ text }) => importsOf(text))
    .map(({ from }) => from)
    .filter((from) => from.startsWith("@cdktf/"));

  expect(providers.filter((from) => !/^@cdktf\/provider-[a-z]+\/lib\/[a-z0-9-]+$/.test(from))).toEqual([]);
});

test.each(["constructs", "scripts"])("nothing in %s knows the lab", (folder) => {
  const found = below(folder).filter(({ text }) => /\blab\//i.test(text));

  expect(found.map(({ path }) => path)).toEqual([]);
});

test("no script lies in TypeScript: constructs hold no shell but the few lines that start a stage", () => {
  const found = sources.filter(({ text }) => /#!\/|\bset -e|systemctl/.test(text)).map(({ path }) => path);

  expect(found).toEqual(["bootstrap/bootstrap.ts"]);
});

test("the library reads no environment variable", () => {
  expect(sources.filter(({ text }) => text.includes("process.env")).map(({ path }) => path)).toEqual([]);
});

describe("the judge of imports", () => {
  test.each([
    ["a sibling's value", "network/a.ts", 'import { Machines } from "../machines/machines";'],
    [
      "a sibling's value among its types",
      "network/a.ts",
      'import { type Machine, Machines } from "../machines/machines";',
    ],
    ["a sibling for its side effects", "pki/a.ts", 'import "../network/network";'],
    ["a sibling's value as default", "pki/a.ts", 'import Network from "../network/network";'],
    ["everything of a sibling", "pki/a.ts", 'import * as network from "../network/network";'],
    ["a sibling's value passed on", "pki/a.ts", 'export { Network } from "../network/network";'],
    ["everything of a sibling passed on", "pki/a.ts", 'export * from "../network/network";'],
    ["a sibling when it runs", "pki/a.ts", 'const network = await import("../network/network");'],
    ["a sibling by require", "pki/a.ts", 'const network = require("../network/network");'],
    ["a sibling by import equals", "pki/a.ts", 'import network = require("../network/network");'],
    ["a cluster", "network/a.ts", 'import { HardWayCluster } from "../clusters/hard-way-cluster";'],
    ["even a type of a cluster", "network/a.ts", 'import type { Ssh } from "../clusters/hard-way-cluster";'],
    ["the front door from within", "clusters/a.ts", 'import { STAGES } from "..";'],
    ["a rule in a construct", "network/a.ts", 'import { HARD_WAY_RULES } from "../rules/hard-way-rules";'],
    ["a construct in a rule", "rules/a.ts", 'import type { Network } from "../network/network";'],
    ["a fact in the core", "core/a.ts", 'import { PORTS } from "../facts/ports";'],
    ["a type in the core", "core/a.ts", 'import type { Release } from "../facts/versions";'],
    ["a rule in a fact", "facts/a.ts", 'import type { Rule } from "../rules/rule";'],
    ["a construct in a fact", "facts/a.ts", 'import { Construct } from "constructs";'],
    ["a resource in a cluster", "clusters/a.ts", 'import { Vpc } from "@cdktf/provider-aws/lib/vpc";'],
    ["a resource in the core", "core/a.ts", 'import { Vpc } from "@cdktf/provider-aws/lib/vpc";'],
    ["a whole provider", "network/a.ts", 'import { vpc } from "@cdktf/provider-aws";'],
    ["a whole provider by its index", "network/a.ts", 'import * as aws from "@cdktf/provider-aws/lib";'],
    ["addresses outside the core", "network/a.ts", 'import { Address4 } from "ip-address";'],
    ["a package that nobody installed with it", "core/a.ts", 'import { parse } from "yaml";'],
    ["a file outside the library", "bootstrap/a.ts", 'import { cacheFolder } from "../../lab/cache";'],
    ["a folder that no rule speaks of", "things/a.ts", 'import { Cidr } from "../core/cidr";'],
  ])("rejects %s", (_, path, text) => {
    expect(violations(path, text)).toHaveLength(1);
  });

  test.each([
    ["a sibling's type", "bootstrap/a.ts", 'import type { Machine } from "../machines/machines";'],
    ["a sibling's types one by one", "bootstrap/a.ts", 'import { type Machine } from "../machines/machines";'],
    ["a sibling's type in place", "bootstrap/a.ts", 'let machine: import("../machines/machines").Machine;'],
    ["everything in a cluster", "clusters/a.ts", 'import { Network } from "../network/network";'],
    [
      "facts and core in a construct",
      "pki/a.ts",
      'import { PORTS } from "../facts/ports"; import { Cidr } from "../core/cidr";',
    ],
    ["single files of a provider", "network/a.ts", 'import { Vpc } from "@cdktf/provider-aws/lib/vpc";'],
    ["addresses in the core", "core/a.ts", 'import { Address4 } from "ip-address"; import { Token } from "cdktf";'],
    ["everything at the front door", "index.ts", 'export { Network } from "./network/network";'],
    ["an import that is only spoken of", "core/a.ts", '// import { Vpc } from "@cdktf/provider-aws/lib/vpc";'],
  ])("accepts %s", (_, path, text) => {
    expect(violations(path, text)).toEqual([]);
  });
});
