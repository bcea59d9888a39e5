import { existsSync } from "node:fs";
import { join } from "node:path";
import { AssetType, TerraformAsset, TerraformStack, Token, ref } from "cdktf";
import type { Construct } from "constructs";
import { folderHash } from "../core/folder-hash";

// The same two steps up lead to scripts/ from the source and from the built package.
const SCRIPTS = join(__dirname, "..", "..", "scripts");

/** A folder of scripts/, as Terraform uploads it. */
export interface ScriptFolder {
  /** Path for a `file` provisioner: the trailing slash means the folder's contents. */
  readonly source: string;
  /** Changes with any name or content below the folder. */
  readonly hash: string;
}

/** The folder `name` of scripts/, which is one asset in a stack, however many machines it goes to. */
export function scriptFolder(scope: Construct, name: string): ScriptFolder {
  const path = join(SCRIPTS, name);
  if (!existsSync(path)) throw new Error(`the package has no scripts/${name}; it was not installed whole`);
  const stack = TerraformStack.of(scope);
  const found = stack.node.tryFindChild("node-scripts") as TerraformAsset | undefined;
  const asset =
    found ??
    new TerraformAsset(stack, "node-scripts", {
      path: SCRIPTS,
      type: AssetType.DIRECTORY,
      assetHash: folderHash(SCRIPTS),
    });
  // path.module: without it the upload breaks where the stack is called as a module.
  return { source: `${Token.asString(ref("path.module", stack))}/${asset.path}/${name}/`, hash: folderHash(path) };
}
