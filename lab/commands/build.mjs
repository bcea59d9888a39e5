// npm run build: the package's JavaScript, one file, in which each module and each import is loaded when it is first used. A
// cluster loads the bindings of the resources that it makes, and no other; who asks for one kind of cluster does not pay for
// the rest, and nobody for looking up a hundred files.
import { transformFile } from "@swc/core";
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const entry = join(root, "constructs", "index.ts");

/** esbuild alone would hoist every import of a module to the file's beginning. */
async function lazily(path) {
  const imports = [...(await readFile(path, "utf8")).matchAll(/ from "([^"]+)";$/gm)].map(([, from]) => from);
  const { code } = await transformFile(path, {
    swcrc: false,
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs", lazy: imports, exportInteropAnnotation: true },
  });
  return code;
}

// By this Node tells an ESM project the names that CommonJS exports; it does not look into esbuild's functions.
const [names] = /^0 && \(module\.exports = \{[^}]*\}\);$/m.exec(await lazily(entry)) ?? [];
if (names === undefined) throw new Error(`${entry}: swc wrote no list of what it exports`);

await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile: join(root, "dist", "constructs", "index.js"),
  bundle: true,
  platform: "node",
  target: "node20",
  packages: "external",
  footer: { js: names },
  plugins: [
    {
      name: "lazily",
      setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, async ({ path }) => ({ contents: await lazily(path) })),
    },
  ],
});
