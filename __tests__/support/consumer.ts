import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../../lab/terraform/workspace";

const fixture = (name: string): string => join(__dirname, "..", name);
const run = promisify(execFile);

/** The package as npm makes it for a registry. */
export interface Package {
  readonly tarball: string;
  /** Paths of everything in it. */
  readonly files: readonly string[];
}

/** Builds the package and packs it into `folder`, as `npm publish` would. */
export async function pack(folder: string): Promise<Package> {
  mkdirSync(folder, { recursive: true });
  const { stdout } = await run("npm", ["run", "--silent", "package", "--", "--json", `--pack-destination=${folder}`], {
    cwd: projectFolder,
  });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  return { tarball: join(folder, packed!.filename), files: packed!.files.map(({ path }) => path).sort() };
}

/** The peers that a project brings itself; here they come from this clone, whose installation took them from the lock. */
const { peerDependencies } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as {
  peerDependencies: Record<string, string>;
};
const PEERS = [...Object.keys(peerDependencies), "@types/node"];

/** Another project, in `folder`: files of a fixture with the package installed from its tarball. */
export async function installConsumer(folder: string, { tarball }: Package, name = "consumer"): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // Before the fixture's package.json is there, which would have npm fetch the peers a second time.
  const options = ["--prefix", folder, "--no-save", "--ignore-scripts", "--legacy-peer-deps", "--prefer-offline"];
  await run("npm", ["install", ...options, tarball], { cwd: folder });
  for (const peer of PEERS) {
    const link = join(folder, "node_modules", peer);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(projectFolder, "node_modules", peer), link);
  }
  cpSync(fixture(name), folder, { recursive: true });
}

/** Compiles the consumer, against the types that the package brings. Gives what tsc complains of. */
export async function compileConsumer(folder: string): Promise<string> {
  const tsc = join(projectFolder, "node_modules", "typescript", "bin", "tsc");
  return run(process.execPath, [tsc, "--project", folder], { cwd: folder }).then(
    () => "",
    (error: { stdout?: string }) => String(error.stdout),
  );
}

/** Runs the consumer's JavaScript with plain node. Gives the folder that Terraform runs in, and what was printed. */
export async function runConsumer(
  folder: string,
  outdir = join(folder, "cdktf.out"),
): Promise<{ readonly stack: string; readonly printed: string }> {
  const { stdout } = await run(process.execPath, [join(folder, "main.js")], {
    cwd: folder,
    env: { ...process.env, CDKTF_OUTDIR: outdir },
  });
  return { stack: join(outdir, "stacks", "consumer"), printed: stdout };
}
