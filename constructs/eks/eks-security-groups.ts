import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

type Group = "control-plane" | "node";

interface EksFirewallRule {
  readonly id: string;
  readonly from: Group;
  readonly to: Group;
  /** None: everything. */
  readonly port?: { readonly from: number; readonly to: number };
  readonly why: string;
}

// Source: eksctl, pkg/cfn/builder/nodegroup.go and vpc.go.
/** Who may talk to whom: what eksctl opens, and nothing else. */
const RULES: readonly EksFirewallRule[] = [
  {
    id: "control-plane-node",
    from: "control-plane",
    to: "node",
    port: { from: 1025, to: 65535 },
    why: "control plane to kubelets and pods",
  },
  {
    id: "control-plane-node-https",
    from: "control-plane",
    to: "node",
    port: { from: 443, to: 443 },
    why: "control plane to webhooks and extension API servers on 443",
  },
  {
    id: "node-control-plane",
    from: "node",
    to: "control-plane",
    port: { from: 443, to: 443 },
    why: "kubelets and pods to the API",
  },
  { id: "node-node", from: "node", to: "node", why: "nodes and their pods among themselves" },
];

export interface EksSecurityGroupsProps {
  readonly vpcId: string;
  readonly clusterName: string;
  /** What has to be there first. */
  readonly after: readonly TerraformResource[];
}

/** The groups of the control plane's network interfaces and of all nodes. */
export class EksSecurityGroups extends Construct {
  readonly controlPlaneId: string;
  readonly nodeId: string;
  /** Every rule. */
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: EksSecurityGroupsProps) {
    super(scope, id);
    const { vpcId, clusterName, after } = props;

    const group = (name: Group, description: string, tags: Record<string, string> = {}): SecurityGroup =>
      new SecurityGroup(this, name, {
        namePrefix: `${clusterName}-${name}-`,
        description: `${clusterName}: ${description}`,
        vpcId,
        tags: { Name: `${clusterName}-${name}`, ...tags },
        // A group in use cannot be deleted: its successor has to be there first.
        lifecycle: { createBeforeDestroy: true },
        dependsOn: [...after],
      });
    const groups: Readonly<Record<Group, SecurityGroup>> = {
      "control-plane": group("control-plane", "network interfaces of the control plane"),
      node: group("node", "nodes", { [`kubernetes.io/cluster/${clusterName}`]: "owned" }),
    };
    const rules = RULES.map(({ id: rule, from, to, port, why }) => {
      const what = {
        description: why,
        ipProtocol: port === undefined ? "-1" : "tcp",
        ...(port === undefined ? {} : { fromPort: port.from, toPort: port.to }),
      };
      const ingress = new VpcSecurityGroupIngressRule(this, rule, {
        ...what,
        securityGroupId: groups[to].id,
        referencedSecurityGroupId: groups[from].id,
      });
      if (from === "node") return [ingress];
      const egress = new VpcSecurityGroupEgressRule(this, `${rule}-egress`, {
        ...what,
        securityGroupId: groups[from].id,
        referencedSecurityGroupId: groups[to].id,
      });
      return [ingress, egress];
    });
    const out = new VpcSecurityGroupEgressRule(this, "egress-node", {
      securityGroupId: groups.node.id,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "-1",
      description: "everything out: images, AWS",
    });

    this.controlPlaneId = groups["control-plane"].id;
    this.nodeId = groups.node.id;
    this.ready = [...rules.flat(), out];
  }
}
