import { readdir, readFile, readlink, lstat } from "node:fs/promises";
import { join } from "node:path";

/** A file, folder or link of an image's layer, by its absolute path inside of the image. All belong to root. */
export type LayerEntry = { readonly path: string } & (
  | { readonly kind: "folder"; readonly mode: number }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "file"; readonly mode: number; readonly content: Buffer; readonly capability?: Buffer }
);

/** Everything below a folder of this machine, as entries. */
export async function entriesOf(folder: string, path = ""): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  for (const name of (await readdir(join(folder, path))).sort()) {
    const inside = `${path}/${name}`;
    const outside = join(folder, inside);
    const status = await lstat(outside);
    if (status.isSymbolicLink()) {
      entries.push({ kind: "link", path: inside, target: await readlink(outside) });
    } else if (status.isDirectory()) {
      entries.push({ kind: "folder", path: inside, mode: status.mode & 0o7777 }, ...(await entriesOf(folder, inside)));
    } else if (status.isFile()) {
      entries.push({ kind: "file", path: inside, mode: status.mode & 0o777, content: await readFile(outside) });
    }
  }
  return entries;
}

const blockBytes = 512;

/** The layer as an uncompressed tar. Entries come in the order given, with the folders that they need before them. */
export function tarLayer(entries: readonly LayerEntry[]): Buffer {
  const parts: Buffer[] = [];
  const folders = new Set<string>(entries.flatMap((entry) => (entry.kind === "folder" ? [entry.path] : [])));
  for (const entry of entries) {
    for (const folder of foldersAbove(entry.path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      parts.push(...blocks({ kind: "folder", path: folder, mode: 0o755 }));
    }
    parts.push(...blocks(entry));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

function foldersAbove(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}

const kinds = { file: "0", link: "2", folder: "5", extended: "x" } as const;

function blocks(entry: LayerEntry): Buffer[] {
  const name = entry.path.slice(1) + (entry.kind === "folder" ? "/" : "");
  const target = entry.kind === "link" ? entry.target : "";
  const extended: Buffer[] = [];
  // A plain header has room for 100 bytes of a name; more, and attributes, go to an extended header before it.
  if (Buffer.byteLength(name) > 100) extended.push(attribute("path", Buffer.from(name)));
  if (Buffer.byteLength(target) > 100) extended.push(attribute("linkpath", Buffer.from(target)));
  if (entry.kind === "file" && entry.capability) {
    extended.push(attribute("SCHILY.xattr.security.capability", entry.capability));
  }
  const content = entry.kind === "file" ? entry.content : Buffer.alloc(0);
  const mode = entry.kind === "link" ? 0o777 : entry.mode;
  const own = [header(kinds[entry.kind], name, target, mode, content.length), ...padded(content)];
  if (extended.length === 0) return own;
  const attributes = Buffer.concat(extended);
  return [header(kinds.extended, "attributes", "", 0o644, attributes.length), ...padded(attributes), ...own];
}

function padded(content: Buffer): Buffer[] {
  return [content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)];
}

/** "length name=value\n", where the length counts its own digits. */
function attribute(name: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${name}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** A ustar header; owner, group and time are 0, so that the same entries give the same bytes. */
function header(kind: string, name: string, target: string, mode: number, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, offset: number, digits: number): void => {
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, offset);
  };
  block.write(Buffer.from(name).subarray(0, 100).toString("latin1"), 0, "latin1");
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  block.write("        ", 148);
  block.write(kind, 156);
  block.write(Buffer.from(target).subarray(0, 100).toString("latin1"), 157, "latin1");
  block.write("ustar\0", 257);
  block.write("00", 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
