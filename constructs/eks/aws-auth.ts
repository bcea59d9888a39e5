import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { Construct } from "constructs";
import { Fn, Token, type TerraformResource } from "cdktf";
import { isKnown } from "../core/known";
import type { ScriptFolder } from "../bootstrap/node-scripts";
import { ClusterScript, type ScriptedCluster } from "./cluster-script";

/** A role of IAM and who its holders are in the cluster. */
export interface RoleMapping {
  readonly rolearn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** A user of IAM and who they are in the cluster. */
export interface UserMapping {
  readonly userarn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

export interface AwsAuthProps {
  readonly cluster: ScriptedCluster;
  readonly scripts: ScriptFolder;
  /** ARNs of the roles of nodes: of the role, not of its instance profile. */
  readonly nodeRoles: readonly string[];
  readonly roles: readonly RoleMapping[];
  readonly users: readonly UserMapping[];
  /** Accounts all of whose users are known by their ARNs. */
  readonly accounts: readonly string[];
  /** How long to try to reach the API. */
  readonly timeoutSeconds: number;
  readonly after: readonly TerraformResource[];
}

/** What a node is in the cluster. Source: docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html. */
export function nodeMapping(rolearn: string): RoleMapping {
  return {
    rolearn,
    username: "system:node:{{EC2PrivateDNSName}}",
    groups: ["system:bootstrappers", "system:nodes"],
  };
}

/**
 * What a role is called once it is taken: its path is no part of that, so that a mapping with a path never matches. One that
 * only Terraform knows is stripped by Terraform.
 */
function withoutPath(mapping: RoleMapping): RoleMapping {
  const { rolearn } = mapping;
  if (isKnown(rolearn)) return { ...mapping, rolearn: rolearn.replace(/:role\/.+\//, ":role/") };
  return { ...mapping, rolearn: Token.asString(Fn.replace(rolearn, "/:role/.+//", ":role/")) };
}

/** People may have roles of other accounts; of an instance there, EC2 does not tell the cluster its name. */
const ofHere = ({ rolearn }: RoleMapping): { condition: string; errorMessage: string } => ({
  condition: `\${split(":", "${rolearn}")[4] == self.account_id}`,
  errorMessage: `access.roles ${rolearn} must be of the account \${self.account_id}, since it maps nodes, and the cluster learns the names of its own account's instances alone; leave system:nodes out, or name the role that the instances have here.`,
});

/** The ConfigMap aws-auth: merged with what others wrote into it. Nodes wait for it, since without it none is let in. */
export class AwsAuth extends Construct {
  readonly done: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: AwsAuthProps) {
    super(scope, id);
    const { cluster, scripts, nodeRoles, roles, users, accounts, timeoutSeconds, after } = props;
    const others = roles.filter(({ groups }) => groups.includes("system:nodes"));
    if (others.length > 0)
      new DataAwsCallerIdentity(this, "account", { lifecycle: { postcondition: others.map(ofHere) } });

    this.done = new ClusterScript(this, "Default", {
      cluster,
      scripts,
      script: "apply-aws-auth.sh",
      env: {
        // Whose entries these are, beside those of EKS and of others: taken off the list, they go.
        OWNER: this.node.path.replaceAll("/", "."),
        MAP_ROLES_JSON: JSON.stringify([...nodeRoles.map(nodeMapping), ...roles.map(withoutPath)]),
        MAP_USERS_JSON: JSON.stringify(users),
        MAP_ACCOUNTS_JSON: JSON.stringify(accounts),
        TIMEOUT_SECONDS: String(timeoutSeconds),
      },
      after,
    }).done;
  }
}
