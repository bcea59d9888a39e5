import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../../../lab/terraform/workspace";
import { CORPORATE } from "../../support/hybrid";

// CDK Terrain (cdktn) goes on where CDKTF ended. By package alias, as npm makes one of "cdktf": "npm:cdktn@…", the same
// sources and the same bindings of the providers run on it.
const VERSIONS = { cdktn: "0.24.0", constructs: "10.7.2" };
const scratch = mkdtempSync(join(tmpdir(), "continuation-"));
const project = join(scratch, "project");
const run = promisify(execFile);
const KINDS = ["hard-way", "eks", "hybrid"];
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Synthesises the stacks of main.ts in a folder with a node_modules of its own. Gives what Terraform would get. */
async function synth(folder: string, out: string): Promise<Record<string, string>> {
  writeFileSync(join(scratch, "network.json"), JSON.stringify(CORPORATE));
  // Symbolic links are kept: what a package requires is what lies beside its link.
  const node = ["--preserve-symlinks", "--preserve-symlinks-main", "--import", "tsx"];
  await run(process.execPath, [...node, join(folder, "main.ts")], {
    cwd: folder,
    env: { ...process.env, CDKTF_OUTDIR: join(scratch, out), HYBRID_NETWORK: join(scratch, "network.json") },
  });
  const text = (kind: string): string => readFileSync(join(scratch, out, "stacks", kind, "cdk.tf.json"), "utf8");
  return Object.fromEntries(KINDS.map((kind) => [kind, text(kind)]));
}

/** A folder with the sources, whose cdktf and constructs are others. */
async function aliased(): Promise<void> {
  const modules = join(project, "node_modules");
  mkdirSync(project);
  const packages = { cdktf: `npm:cdktn@${VERSIONS.cdktn}`, constructs: VERSIONS.constructs };
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], { cwd: project });
  for (const name of ["constructs", "stacks", "scripts", "main.ts", "tsconfig.json"])
    symlinkSync(join(projectFolder, name), join(project, name));
  for (const name of readdirSync(join(projectFolder, "node_modules")))
    if (!existsSync(join(modules, name)) && !name.startsWith("."))
      symlinkSync(join(projectFolder, "node_modules", name), join(modules, name));
}

test("the same sources give the same Terraform with the community's continuation of CDKTF (FT-02)", async () => {
  await aliased();
  const name = JSON.parse(readFileSync(join(project, "node_modules", "cdktf", "package.json"), "utf8")) as object;
  expect(name).toMatchObject({ name: "cdktn", version: VERSIONS.cdktn });

  const [ours, theirs] = [await synth(projectFolder, "cdktf"), await synth(project, "cdktn")];

  for (const kind of KINDS) {
    // The version of what synthesised stands in the comment of a stack.
    const comparable = (text: string): unknown => ({ ...(JSON.parse(text) as object), "//": undefined });
    expect(theirs[kind]).toContain(`"${VERSIONS.cdktn}"`);
    expect(comparable(theirs[kind]!)).toEqual(comparable(ours[kind]!));
  }
}, 600_000);
