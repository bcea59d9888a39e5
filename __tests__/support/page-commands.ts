import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const REPOSITORY = join(__dirname, "..", "..");

/** Pages for people: all but docs/api.md, which is types. */
export const pages = ["README.md", ...readdirSync(join(REPOSITORY, "docs")).map((name) => join("docs", name))].filter(
  (name) => name.endsWith(".md") && name !== join("docs", "api.md"),
);

/** What programs of a reader's shell are called that pages give commands of. */
const PROGRAM =
  /^(?:[A-Z_]+=\S+ )*(?:npm|npx|cdktf|terraform|kubectl|aws(?! sso)|ssh|tar|sudo|bash|journalctl)(?: |-\w+ )/;

export interface Block {
  readonly page: string;
  /** What stands behind the three ticks. */
  readonly kind: string;
  readonly text: string;
}

export function blocks(): Block[] {
  return pages.flatMap((page) =>
    [...readFileSync(join(REPOSITORY, page), "utf8").matchAll(/^ *```(.*)\n([^]*?)^ *```$/gm)].map(
      ([, kind, text]) => ({
        page,
        kind: kind!,
        text: text!,
      }),
    ),
  );
}

export const isCommand = (line: string): boolean => PROGRAM.test(`${line.trim()} `);

/**
 * Every command that a page gives to type, by what it begins with: a block of `sh` is one, whose lines belong together;
 * in one of `console` each line is one; and so is what stands in ticks in a sentence. Those of docs/troubleshooting.md that
 * say where they run are its remedies.
 */
export function pageCommands(): Map<string, string> {
  const inBlocks = blocks().flatMap(({ kind, text }) => {
    if (kind === "sh") return [[text.split("\n")[0]!, text] as const];
    if (kind !== "console") return [];
    return text
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/ +# .*$/, ""))
      .map((line) => [line, line] as const);
  });
  const inSentences = pages.flatMap((page) => {
    const prose = readFileSync(join(REPOSITORY, page), "utf8").replaceAll(/^ *```[^]*?^ *```$/gm, "");
    return [...prose.matchAll(/`([^`]+)`/g)]
      .map(([, code]) => code!.replaceAll(/\s+/g, " "))
      .filter((code) => code.includes(" ") && isCommand(code))
      .map((code) => [code, code] as const);
  });
  return new Map([...inSentences, ...inBlocks]);
}

/** The command of a page that is this, or the one that begins so. @throws Error where no page has it, or several do */
export function asWritten(begins: string): string {
  const commands = pageCommands();
  const found = commands.has(begins) ? [begins] : [...commands.keys()].filter((command) => command.startsWith(begins));
  if (found.length !== 1) throw new Error(`${found.length} commands of pages begin with '${begins}'`);
  return commands.get(found[0]!)!;
}
