import { posix } from "node:path";
import ts from "typescript";

/** One `import`, `export … from`, `import()` or `require()`. */
export interface Import {
  readonly from: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
}

/** Everything that a file imports. */
export function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push({ from: specifier.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
    else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference))
      add(node.moduleReference.expression, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && ["import", "require"].includes(node.expression.getText()))
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("file.ts", text, ts.ScriptTarget.ES2022, true));
  return found;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true;
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return false;
  return exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly);
}

const SIBLINGS = ["network", "machines", "pki", "bootstrap", "eks"];
/** From where each folder of constructs/ may take values; types it may take from siblings too. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  facts: ["facts", "core"],
  rules: ["rules", "facts", "core"],
  ...Object.fromEntries(SIBLINGS.map((folder) => [folder, [folder, "facts", "core"]])),
  clusters: ["clusters", "rules", ...SIBLINGS, "facts", "core"],
  "": ["clusters", "rules", ...SIBLINGS, "facts", "core"],
};
/** Packages that the constructs may use, and who alone may use them. */
const PACKAGES: readonly { readonly name: RegExp; readonly folders?: readonly string[] }[] = [
  { name: /^cdktf$/ },
  { name: /^node:/ },
  { name: /^ip-address$/, folders: ["core"] },
  { name: /^constructs$/, folders: [...SIBLINGS, "clusters"] },
  { name: /^@cdktf\/provider-(aws|null|tls)\/lib\/[a-z0-9-]+$/, folders: SIBLINGS },
];

/** What is against the rules in a file of constructs/, as `path: reason`. `path` is relative to constructs/. */
export function violations(path: string, text: string): string[] {
  const folder = posix.dirname(path) === "." ? "" : path.split("/")[0]!;
  return importsOf(text).flatMap(({ from, typeOnly }) => {
    const reason = from.startsWith(".") ? ofFile(path, folder, from, typeOnly) : ofPackage(folder, from);
    return reason === undefined ? [] : [`${path}: ${reason}`];
  });
}

function ofFile(path: string, folder: string, from: string, typeOnly: boolean): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), from));
  if (target.startsWith("..")) return `imports ${from}, which lies outside constructs/`;
  const other = target.includes("/") ? target.split("/")[0]! : "";
  const allowed = VALUES[folder];
  if (allowed === undefined) return `lies in ${folder}/, which no rule speaks of`;
  if (allowed.includes(other)) return undefined;
  if (typeOnly && SIBLINGS.includes(folder) && SIBLINGS.includes(other)) return undefined;
  return `takes ${typeOnly ? "a type" : "a value"} from ${from}`;
}

function ofPackage(folder: string, from: string): string | undefined {
  const known = PACKAGES.find(({ name }) => name.test(from));
  if (known === undefined) return `imports ${from}`;
  return known.folders === undefined || known.folders.includes(folder) ? undefined : `imports ${from}`;
}
