// npm run build: the package's JavaScript, each import of it loaded when it is first used. A cluster loads the bindings of
// the resources that it makes, and no other; who asks for one kind of cluster does not pay for the rest.
import { transformFileSync } from "@swc/core";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const built = join(root, "dist");

for (const name of readdirSync(join(root, "constructs"), { recursive: true })) {
  if (name.endsWith(".json")) cpSync(join(root, "constructs", name), join(built, "constructs", name));
  if (!name.endsWith(".ts")) continue;
  const source = join(root, "constructs", name);
  const imports = [...readFileSync(source, "utf8").matchAll(/ from "([^"]+)";$/gm)].map(([, from]) => from);
  const { code } = transformFileSync(source, {
    swcrc: false,
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs", lazy: imports, exportInteropAnnotation: true },
  });
  const destination = join(built, "constructs", name.replace(/\.ts$/, ".js"));
  mkdirSync(dirname(destination), { recursive: true });
  writeFileSync(destination, code);
}
rmSync(join(built, "scripts"), { recursive: true, force: true });
cpSync(join(root, "scripts"), join(built, "scripts"), { recursive: true });
