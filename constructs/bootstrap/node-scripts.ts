import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { AssetType, TerraformAsset, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { folderHash } from "../core/folder-hash";

// The same two steps up lead to scripts/ from the source and from the built package.
const SCRIPTS = join(__dirname, "..", "..", "scripts");

/** A folder of scripts/, as Terraform uploads it. */
export interface ScriptFolder {
  /** Path in the stack, with a slash at its end. */
  readonly source: string;
  /** It and the folders in it, by their paths in scripts/. */
  readonly folders: readonly string[];
  /** Changes with any name or content below the folder. */
  readonly hash: string;
}

/** The folder `name` of scripts/, which is one asset in a stack, however many machines it goes to. */
export function scriptFolder(scope: Construct, name: string): ScriptFolder {
  const stack = TerraformStack.of(scope);
  const id = `scripts-${name}`;
  const asset = (stack.node.tryFindChild(id) as TerraformAsset | undefined) ?? copy(stack, id, join(SCRIPTS, name));
  // path.module: without it the upload breaks where the stack is called as a module.
  return { source: `\${path.module}/${asset.path}/`, folders: foldersOf(name), hash: asset.assetHash };
}

const foldersOf = (name: string): string[] => [
  name,
  ...readdirSync(join(SCRIPTS, name), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${name}/${entry.name}`)
    .sort(),
];

function copy(stack: TerraformStack, id: string, path: string): TerraformAsset {
  if (!existsSync(path)) throw new Error(`the package has no scripts/${basename(path)}; it was not installed whole`);
  return new TerraformAsset(stack, id, { path, type: AssetType.DIRECTORY, assetHash: folderHash(path) });
}
