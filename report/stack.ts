import { readFileSync } from "node:fs";

export type Block = Readonly<Record<string, unknown>>;
type Blocks = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** A synthesised stack, as it is asked for what is in it. */
export class Stack {
  private readonly json: Readonly<Record<string, unknown>>;

  constructor(
    readonly name: string,
    path: string,
  ) {
    this.json = JSON.parse(readFileSync(path, "utf8")) as Block;
  }

  /** The resources of a type, by Terraform's names. */
  all(type: string): [name: string, block: Block][] {
    return Object.entries((this.json["resource"] as Blocks | undefined)?.[type] ?? {});
  }

  data(type: string): [name: string, block: Block][] {
    return Object.entries((this.json["data"] as Blocks | undefined)?.[type] ?? {});
  }

  get types(): [type: string, count: number][] {
    return Object.entries((this.json["resource"] as Blocks | undefined) ?? {})
      .map(([type, all]): [string, number] => [type, Object.keys(all).length])
      .sort();
  }

  get variables(): [name: string, block: Block][] {
    return Object.entries((this.json["variable"] as Readonly<Record<string, Block>> | undefined) ?? {});
  }

  local(name: string): unknown {
    return (this.json["locals"] as Block | undefined)?.[name];
  }

  /** The block that an expression refers to first, such as `${aws_subnet.public.id}`. */
  referred(expression: unknown, type: string): [name: string, block: Block] | undefined {
    const [name] = namesIn(expression, type);
    const all = type.startsWith("data.") ? this.data(type.slice("data.".length)) : this.all(type);
    return all.find(([candidate]) => candidate === name);
  }
}

/** The names of a type that a value refers to. */
export function namesIn(value: unknown, type: string): string[] {
  const text = JSON.stringify(value) ?? "";
  // A data source's address ends as a resource's does.
  const found = text.matchAll(new RegExp(`(data\\.)?\\b${type.replace("data.", "")}\\.([A-Za-z0-9_-]+)`, "g"));
  return [
    ...new Set(
      [...found].filter(([, data]) => type.startsWith("data.") === (data !== undefined)).map((one) => one[2]!),
    ),
  ];
}

export const text = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
/** A value, or what there is in place of one that only Terraform knows. */
export const known = (value: unknown, otherwise: string): string =>
  value === undefined || text(value).includes("${") ? otherwise : text(value);
export const tagged = ({ tags }: Block): string => text((tags as Block | undefined)?.["Name"] ?? "");
/** Where CDKTF has a block, without stack, and without what is the same in all: `cluster/pki/etcd/client`. */
export const pathOf = (block: Block): string[] => {
  const { metadata } = (block["//"] ?? {}) as { readonly metadata?: { readonly path?: string } };
  return (metadata?.path ?? "")
    .split("/")
    .slice(1)
    .filter((part) => part !== "Resource" && part !== "Default");
};
