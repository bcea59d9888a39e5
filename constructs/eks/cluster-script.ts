import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { ScriptFolder } from "../bootstrap/node-scripts";
import { ClusterToken } from "./cluster-token";

/** The cluster that a script speaks to. */
export interface ScriptedCluster {
  readonly name: string;
  readonly region: string;
  readonly endpoint: string;
  /** Certificate of the authority in base64. */
  readonly certificateAuthority: string;
}

export interface ClusterScriptProps {
  readonly cluster: ScriptedCluster;
  /** scripts/eks. */
  readonly scripts: ScriptFolder;
  /** Name of the file in it. */
  readonly script: string;
  /** What it reads beside the cluster; the script runs again when one of them changes. No secret. */
  readonly env: Readonly<Record<string, string>>;
  /** What has to be there first. */
  readonly after: readonly TerraformResource[];
}

/**
 * A script that runs where Terraform does and asks the cluster's API, by kubectl and a token of whoever applies.
 *
 * The token goes to the script by a file of mode 0600. In the script's environment it would make Terraform suppress all that
 * the script prints.
 */
export class ClusterScript extends Construct {
  /** The script has ended well. */
  readonly done: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: ClusterScriptProps) {
    super(scope, id);
    const { cluster, scripts, script, env, after } = props;
    const triggers = { scripts: scripts.hash, endpoint: cluster.endpoint, ...env };
    const tokenFile = `\${path.module}/${cluster.name}-${this.node.path.split("/").at(-1)}.token`;

    const token = new ClusterToken(this, "token", { clusterName: cluster.name, after }).value;
    const run = new NullResource(this, "Resource", {
      triggers,
      provisioners: [
        {
          type: "local-exec",
          command: 'umask 077 && rm -f "$TOKEN_FILE" && printf %s "$TOKEN" > "$TOKEN_FILE"',
          environment: { TOKEN: token, TOKEN_FILE: tokenFile },
        },
        {
          type: "local-exec",
          command: `bash ${scripts.source}${script}`,
          environment: {
            CLUSTER_NAME: cluster.name,
            CLUSTER_ENDPOINT: cluster.endpoint,
            CLUSTER_CA_DATA: cluster.certificateAuthority,
            AWS_REGION: cluster.region,
            TOKEN_FILE: tokenFile,
            ...env,
          },
        },
      ],
      dependsOn: [...after],
    });
    this.done = [run];
  }
}
