import type { Plan } from "./plan";
import { escape } from "./topology";

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; } p { margin: .2rem 0 .8rem; color: #52606d; }
nav { columns: 3 14rem; margin: 1rem 0; } nav a { display: block; color: #1f5fbf; text-decoration: none; }
svg { width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #e4e7eb; overflow-wrap: anywhere; }
th { background: #f6f8fa; } tbody tr:hover { background: #fafbfc; }
@media print { nav { display: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;

const idOf = (title: string): string => title.toLowerCase().replaceAll(/[^a-z]+/g, "-");

/** One file that needs nothing else: no server, no script, no font. */
export function htmlOf({ name, says, sections }: Plan, topology: string): string {
  const row = (cells: readonly string[], tag: "th" | "td"): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("")}</tr>`;
  const parts = sections.map(
    ({ title, says: meaning, head, rows }) => `<h2 id="${idOf(title)}">${escape(title)}</h2>
<p>${escape(meaning)}</p>
<table><thead>${row(head, "th")}</thead><tbody>
${rows.map((cells) => row(cells, "td")).join("\n")}
</tbody></table>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(name)}</title><style>${STYLE}</style></head>
<body>
<h1>${escape(name)}</h1>
<p>${escape(says)}</p>
<nav>${sections.map(({ title }) => `<a href="#${idOf(title)}">${escape(title)}</a>`).join("")}</nav>
${topology}
${parts.join("\n")}
</body></html>
`;
}

/** The same for a repository's pages; `drawing` is where the topology lies. */
export function markdownOf({ name, says, sections }: Plan, drawing: string): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("*", "\\*").replaceAll("<", "&lt;");
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  const parts = sections.map(({ title, says: meaning, head, rows }) =>
    [`## ${title}`, "", meaning, "", row(head), `|${"---|".repeat(head.length)}`, ...rows.map(row)].join("\n"),
  );
  return `# ${name}\n\n${says}\n\n![topology](${drawing})\n\n${parts.join("\n\n")}\n`;
}
