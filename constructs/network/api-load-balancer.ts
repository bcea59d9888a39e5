import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { LbTargetGroupAttachment } from "@cdktf/provider-aws/lib/lb-target-group-attachment";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Fn, Token, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { numbered } from "../core/numbered";
import { PORTS } from "../facts/ports";
import type { Subnet } from "./network";

/** A machine that runs an API server. */
export interface ApiTarget {
  readonly name: string;
  readonly privateIp: string;
}

export interface ApiLoadBalancerProps {
  readonly clusterName: string;
  readonly vpcId: string;
  readonly subnets: readonly Pick<Subnet, "id">[];
  readonly securityGroupId: string;
  /** @default 'internet' */
  readonly exposure?: ApiExposure;
  /**
   * How the balancer asks whether an API server is well: `https` asks /readyz, which needs no credentials; `tcp` only
   * whether the port is open; `nginx` asks /healthz at port 80, over HTTP, where a proxy passes it on.
   * @default 'https'
   */
  readonly healthCheck?: HealthCheck;
  /** What has to be there first: the way to the internet, and the machines, whose fixed addresses it might take. */
  readonly after?: readonly TerraformResource[];
}

export type HealthCheck = "https" | "tcp" | "nginx";

const HEALTH_CHECKS = {
  https: { protocol: "HTTPS", path: "/readyz", matcher: "200", port: "traffic-port" },
  tcp: { protocol: "TCP", port: "traffic-port" },
  nginx: { protocol: "HTTP", path: "/healthz", matcher: "200", port: `${PORTS.healthProxy}` },
} as const;
/** Whether the balancer has public addresses. */
export type ApiExposure = "internet" | "internal";

/** The one address of the API: a network load balancer that leaves TLS to the API servers. */
export class ApiLoadBalancer extends Construct {
  readonly dnsName: string;
  /** Of the hosted zone of that name, for aliases. */
  readonly zoneId: string;
  private readonly targetGroup: LbTargetGroup;
  private readonly listener: LbListener;
  private readonly securityGroupId: string;
  private readonly parts: TerraformResource[] = [];

  constructor(scope: Construct, id: string, props: ApiLoadBalancerProps) {
    super(scope, id);
    const { clusterName, vpcId, subnets, securityGroupId, exposure = "internet", healthCheck = "https" } = props;
    const name = `${clusterName}-api`;

    const balancer = new Lb(this, "Resource", {
      name,
      loadBalancerType: "network",
      internal: exposure === "internal",
      subnets: subnets.map((subnet) => subnet.id),
      securityGroups: [securityGroupId],
      enableCrossZoneLoadBalancing: true,
      tags: { Name: name },
      dependsOn: [...(props.after ?? [])],
    });
    this.targetGroup = new LbTargetGroup(this, "targets", {
      name,
      port: PORTS.api,
      protocol: "TCP",
      vpcId,
      targetType: "ip",
      // With the client's address kept, a controller that calls the API through the balancer and is sent to itself
      // would see a packet from its own address, and drop it.
      preserveClientIp: "false",
      deregistrationDelay: "30",
      healthCheck: {
        ...HEALTH_CHECKS[healthCheck],
        interval: 10,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      tags: { Name: name },
    });
    this.listener = new LbListener(this, "listener", {
      loadBalancerArn: balancer.arn,
      port: PORTS.api,
      protocol: "TCP",
      defaultAction: [{ type: "forward", targetGroupArn: this.targetGroup.arn }],
    });
    this.dnsName = balancer.dnsName;
    this.zoneId = balancer.zoneId;
    this.securityGroupId = securityGroupId;
  }

  forwardTo(targets: readonly ApiTarget[]): void {
    for (const target of targets)
      this.parts.push(
        new LbTargetGroupAttachment(this, target.name, {
          targetGroupArn: this.targetGroup.arn,
          targetId: target.privateIp,
          port: PORTS.api,
        }),
      );
  }

  /** Machines reach an internet-facing balancer at its public address, so they come from their own public ones. */
  allowFrom(
    machines: readonly { readonly name: string; readonly publicIp: string; readonly privateIp: string }[],
  ): void {
    for (const machine of machines)
      this.parts.push(
        new VpcSecurityGroupIngressRule(this, `from-${machine.name}`, {
          securityGroupId: this.securityGroupId,
          // A stopped machine has no public address; its private one keeps the plan valid until it has again.
          cidrIpv4: `${Token.asString(Fn.coalesce([machine.publicIp, machine.privateIp]))}/32`,
          ipProtocol: "tcp",
          fromPort: PORTS.api,
          toPort: PORTS.api,
          description: `kubelet and kube-proxy of ${machine.name}`,
        }),
      );
  }

  /** Machines without a public address reach an internet-facing balancer from those of their NAT gateways. */
  allowFromGateways(addresses: readonly string[]): void {
    for (const [index, address] of addresses.entries())
      this.parts.push(
        new VpcSecurityGroupIngressRule(this, numbered("from-nat", index), {
          securityGroupId: this.securityGroupId,
          cidrIpv4: `${address}/32`,
          ipProtocol: "tcp",
          fromPort: PORTS.api,
          toPort: PORTS.api,
          description: "kubelets and kube-proxies behind a NAT gateway",
        }),
      );
  }

  /** What has to exist before the API answers at `dnsName`. */
  get ready(): readonly TerraformResource[] {
    return [this.listener, ...this.parts];
  }
}
