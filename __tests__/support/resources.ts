import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import type { ITerraformDependable, TerraformStack } from "cdktf";
import type { Synthesised } from "./synth";

/** A block of synthesised JSON. Tests name the fields they look at. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Block = Record<string, any>;

/** Every resource of a type, by Terraform name. */
export function resources(stack: Synthesised, type: string): Record<string, Block> {
  return stack.resource[type] ?? {};
}

/** The resources of a type, in the order of the stack. */
export function all(stack: Synthesised, type: string): Block[] {
  return Object.values(resources(stack, type));
}

/** The one resource of a type. */
export function only(stack: Synthesised, type: string): Block {
  const found = all(stack, type);
  if (found.length !== 1) throw new Error(`${found.length} of ${type}, not one`);
  return found[0]!;
}

/** The resources of a type by their names without the hash: `cluster_worker_0`. */
export function named(stack: Synthesised, type: string): Record<string, Block> {
  return Object.fromEntries(Object.entries(resources(stack, type)).map(([name, block]) => [withoutHash(name), block]));
}

/** The resource of a type with a name, the hash left out. */
export function at(stack: Synthesised, type: string, name: string): Block {
  const found = named(stack, type)[name];
  if (found === undefined) throw new Error(`no ${type} ${name}: ${Object.keys(named(stack, type)).join(", ")}`);
  return found;
}

/** A name or an address without the hash of its path. */
export function withoutHash(address: string): string {
  return address.replace(/_[0-9A-F]{8}$/, "");
}

/** A record without some of its entries. */
export function without<Value>(values: Readonly<Record<string, Value>>, ...names: string[]): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

/** The addresses that a value refers to, sorted: `aws_vpc.network_39EEAA36`, `local.files`. */
export function references(value: unknown): string[] {
  const text = JSON.stringify(value) ?? "";
  const found = text.matchAll(
    /\b(?:data\.)?(?:aws|tls|null)_[a-z0-9_]+\.[A-Za-z0-9_-]+|\b(?:local|var)\.[A-Za-z0-9_-]+/g,
  );
  return [...new Set([...found].map(([address]) => address))].sort();
}

/** Makes a resource `after` that waits for `ready`, so that `dependencies` can be read from the synthesised stack. */
export function waitFor(stack: TerraformStack, ready: readonly ITerraformDependable[]): void {
  new NullResource(stack, "after", { dependsOn: [...ready] });
}

/** What a resource depends on, the hashes left out. */
export function dependencies(block: Block): string[] {
  return ((block.depends_on ?? []) as string[]).map(withoutHash);
}

/** The addresses that a resource waits for, be it through a local that names them. */
export function waitsFor(stack: Synthesised, block: Block): string[] {
  return ((block["depends_on"] ?? []) as string[]).flatMap((address) => {
    const [kind, local = ""] = address.split(".");
    if (kind !== "local") return [address];
    return /^\$\{length\(\[(.*)\]\)\}$/.exec(String(stack.locals[local]))![1]!.split(", ");
  });
}
