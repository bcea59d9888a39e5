import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { ScriptFolder } from "../bootstrap/node-scripts";

export interface ToolsProps {
  /** scripts/eks. */
  readonly scripts: ScriptFolder;
}

/** Asks whether the machine that runs Terraform has what the scripts call, before anything is made. */
export class Tools extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: ToolsProps) {
    super(scope, id);
    const { source, hash } = props.scripts;

    this.ready = [
      new NullResource(this, "Resource", {
        triggers: { scripts: hash },
        provisioners: [{ type: "local-exec", command: `bash ${source}check-tools.sh` }],
      }),
    ];
  }
}
