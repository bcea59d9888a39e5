import { readFileSync } from "node:fs";
import { join } from "node:path";

const REPOSITORY = join(__dirname, "..", "..");

/** A section of a page in docs/, from its heading to the next of the same level. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

export function page(name: string): string {
  return readFileSync(join(REPOSITORY, "docs", name), "utf8");
}

/** What stands in the blocks of code of a language, as it stands there. */
export function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, block]) => block!);
}

export function sections(text: string, level: number): Section[] {
  return text
    .split(new RegExp(`^${"#".repeat(level)} `, "m"))
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { heading: part.slice(0, end).trim(), text: part.slice(end + 1) };
    });
}

/** The rows of the table that follows a heading of any level, as cells, without the table's head. */
export function tableUnder(text: string, heading: string): string[][] {
  const start = text.search(new RegExp(`^#+ ${heading}$`, "m"));
  if (start < 0) throw new Error(`the page has no heading '${heading}'`);
  const lines = text.slice(start).split("\n").slice(1);
  const first = lines.findIndex((line) => line.startsWith("|"));
  const next = lines.findIndex((line) => line.startsWith("#"));
  if (first < 0 || (next >= 0 && next < first)) throw new Error(`there is no table under '${heading}'`);
  const rest = lines.slice(first);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(2, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, line.lastIndexOf("|"))
      .split("|")
      .map((cell) => cell.trim()),
  );
}
