import { KeyPair } from "@cdktf/provider-aws/lib/key-pair";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

const SSH = { ipProtocol: "tcp", fromPort: 22, toPort: 22 } as const;

export interface NodeLoginProps {
  readonly clusterName: string;
  readonly vpcId: string;
  /** Group of the nodes. */
  readonly nodeGroupId: string;
  /** @default - no SSH with a key */
  readonly ssh?: { readonly publicKey: string; readonly cidrs: readonly string[] } | undefined;
  /** @default false */
  readonly instanceConnect?: boolean | undefined;
  /** What has to be there before a key is. */
  readonly after: readonly TerraformResource[];
}

/** What opens port 22 of nodes, for whom, and with which key. */
export class NodeLogin extends Construct {
  readonly keyName: string | undefined;
  /** Of an endpoint of EC2 Instance Connect. */
  readonly endpointGroupId: string | undefined;

  constructor(scope: Construct, id: string, props: NodeLoginProps) {
    super(scope, id);
    const { clusterName, vpcId, nodeGroupId: securityGroupId, ssh, instanceConnect = false } = props;

    if (ssh !== undefined) {
      this.keyName = new KeyPair(this, "key", {
        ...{ keyName: `${clusterName}-nodes`, publicKey: ssh.publicKey },
        dependsOn: [...props.after],
      }).keyName;
      for (const cidrIpv4 of ssh.cidrs)
        new VpcSecurityGroupIngressRule(this, `ssh-${cidrIpv4.replace(/[./]/g, "-")}`, {
          ...SSH,
          ...{ securityGroupId, cidrIpv4, description: "people log in" },
        });
    }
    if (!instanceConnect) return;
    const group = new SecurityGroup(this, "endpoint", {
      namePrefix: `${clusterName}-instance-connect-`,
      description: `${clusterName}: EC2 Instance Connect endpoint`,
      vpcId,
      dependsOn: [...props.after],
      tags: { Name: `${clusterName}-instance-connect` },
      lifecycle: { createBeforeDestroy: true },
    });
    new VpcSecurityGroupIngressRule(this, "endpoint-node", {
      ...SSH,
      ...{ securityGroupId, referencedSecurityGroupId: group.id, description: "people through EC2 Instance Connect" },
    });
    new VpcSecurityGroupEgressRule(this, "endpoint-egress", {
      ...SSH,
      ...{ securityGroupId: group.id, referencedSecurityGroupId: securityGroupId, description: "to the nodes" },
    });
    this.endpointGroupId = group.id;
  }
}
