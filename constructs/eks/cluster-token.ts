import { dependable, TerraformElement, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";

export interface ClusterTokenProps {
  readonly clusterName: string;
  /** What has to be there before it is fetched. */
  readonly after: readonly TerraformResource[];
}

const TYPE = "aws_eks_cluster_auth";

/**
 * A token for a cluster's API, of whoever applies. It lives for 15 minutes, and is fetched in each apply anew: an ephemeral
 * resource is in neither plan nor state, so that no plan is too old for it. CDKTF has none, hence an element of ours.
 */
export class ClusterToken extends TerraformElement {
  /** For provisioners alone: Terraform takes it nowhere else. */
  readonly value: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ClusterTokenProps,
  ) {
    super(scope, id, `ephemeral.${TYPE}`);
    this.value = `\${ephemeral.${TYPE}.${this.friendlyUniqueId}.token}`;
  }

  override toTerraform(): object {
    const { clusterName: name, after } = this.props;
    const token = { name, ...(after.length === 0 ? {} : { depends_on: after.map(dependable) }) };
    return {
      // The first that has ephemeral resources.
      terraform: { required_version: ">= 1.10" },
      ephemeral: { [TYPE]: { [this.friendlyUniqueId]: token } },
    };
  }
}
