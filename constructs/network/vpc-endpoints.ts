import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { DataAwsVpcEndpoint } from "@cdktf/provider-aws/lib/data-aws-vpc-endpoint";
import { DataAwsVpcEndpointService } from "@cdktf/provider-aws/lib/data-aws-vpc-endpoint-service";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Op, Token, conditional, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { expression } from "../core/expression";
import { namedBy } from "../core/named-by";
import { ENDPOINTS, servicesOf, type EndpointFeature, type EndpointService } from "../facts/vpc-endpoints";
import type { Subnet } from "./network";

/** Ways to AWS that stay inside the network. Interfaces cost by hour, zone and traffic; the one for S3 costs nothing. */
export interface VpcEndpointsSettings {
  /** What they are for. */
  readonly features: readonly EndpointFeature[];
  /** Services that the VPC has an endpoint for: none is made, and a plan asks for it. @default - none */
  readonly existing?: readonly EndpointService[];
  /** Services that are reached otherwise, such as through the proxy. @default - none */
  readonly except?: readonly EndpointService[];
  /**
   * Blocks from which others call them: the VPC's other blocks, those behind the inbound Resolver. Private DNS leads them
   * to these endpoints too.
   * @default - none: the cluster's block alone
   */
  readonly callers?: readonly string[];
}

export interface VpcEndpointsProps extends VpcEndpointsSettings {
  readonly clusterName: string;
  readonly vpcId: string;
  /** Block from which they are called. */
  readonly cidr: string;
  /** A group whose members call them from other blocks. @default - none */
  readonly callersGroupId?: string | undefined;
  /** Those of the machines; the first of each zone takes the interfaces. */
  readonly subnets: readonly Subnet[];
  /** The tables of those subnets, for the way to S3. */
  readonly routeTableIds: readonly string[];
  /** What has to be there first: machines with fixed addresses, since an interface takes any that is free. */
  readonly after: readonly TerraformResource[];
}

/**
 * VPC endpoints by what they are for, with private DNS. A plan fails with a sentence where AWS has no such endpoint, not in
 * a zone of the machines, or one that is said to exist is not there, has no private DNS or lacks a route table.
 */
export class VpcEndpoints extends Construct {
  /** What is reached through them, for NO_PROXY. */
  readonly names: readonly string[];
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: VpcEndpointsProps) {
    super(scope, id);
    const { features, existing = [], except = [] } = props;
    const services = servicesOf(features).filter((service) => !except.includes(service));
    const region = new DataAwsRegion(this, "region").name;
    const partition = new DataAwsPartition(this, "partition");
    const dualStackSuffix = Token.asString(
      conditional(Op.eq(partition.partition, "aws-cn"), "api.amazonwebservices.com.cn", "api.aws"),
    );
    this.names = services.flatMap((service) =>
      ENDPOINTS[service].names({ region, dnsSuffix: partition.dnsSuffix, dualStackSuffix }),
    );

    const made = services.filter((service) => !existing.includes(service));
    const group = made.some((service) => ENDPOINTS[service].type === "Interface") ? this.group(props) : undefined;
    this.ready = services.flatMap((service) => {
      const found = new DataAwsVpcEndpointService(this, `${idOf(service)}-service`, {
        serviceType: ENDPOINTS[service].type,
        // AWS calls some by its domain written backwards, others in every partition alike: China has ec2 as
        // cn.com.amazonaws and logs as com.amazonaws. The one that is there is taken.
        filter: [
          {
            name: "service-name",
            values: [`com.amazonaws.${region}.${service}`, `${partition.reverseDnsPrefix}.${region}.${service}`],
          },
        ],
      });
      if (!existing.includes(service)) return [this.endpoint(service, found, props, group)];
      this.mustExist(service, found.serviceName, props);
      return [];
    });
  }

  /** Who may call: the network, those who are named, and nobody beyond. */
  private group({ clusterName, vpcId, cidr, callers = [], callersGroupId }: VpcEndpointsProps): SecurityGroup {
    const group = new SecurityGroup(this, "security-group", {
      namePrefix: `${clusterName}-endpoints-`,
      description: `${clusterName}: VPC endpoints`,
      vpcId,
      tags: { Name: `${clusterName}-endpoints` },
      lifecycle: { createBeforeDestroy: true },
    });
    const https = {
      securityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
    };
    new VpcSecurityGroupIngressRule(this, "network", { ...https, cidrIpv4: cidr, description: "machines to AWS" });
    for (const [index, block] of [...new Set(callers)].filter((block) => block !== cidr).entries())
      new VpcSecurityGroupIngressRule(this, namedBy("caller", block, index), {
        ...https,
        cidrIpv4: block,
        description: "others to AWS",
      });
    if (callersGroupId !== undefined)
      new VpcSecurityGroupIngressRule(this, "callers", {
        ...https,
        referencedSecurityGroupId: callersGroupId,
        description: "nodes and pods to AWS",
      });
    return group;
  }

  private mustExist(service: EndpointService, serviceName: string, { vpcId, routeTableIds }: VpcEndpointsProps): void {
    const { type } = ENDPOINTS[service];
    const tables = routeTableIds.map(expression).join(", ");
    new DataAwsVpcEndpoint(this, idOf(service), {
      vpcId,
      serviceName,
      state: "available",
      // S3 has both kinds, side by side.
      filter: [{ name: "vpc-endpoint-type", values: [type] }],
      lifecycle: {
        postcondition: [
          type === "Gateway"
            ? {
                condition: `\${length(setsubtract([${tables}], self.route_table_ids)) == 0}`,
                errorMessage: `The VPC endpoint ${service} of ${vpcId} must be in every route table that the machines' subnets use, or they have no way to it; add it to the others.`,
              }
            : {
                condition: "${self.private_dns_enabled}",
                errorMessage: `The VPC endpoint ${service} of ${vpcId} must have private DNS, or its names lead out of the network; switch it on.`,
              },
        ],
      },
    });
  }

  private endpoint(
    service: EndpointService,
    { friendlyUniqueId, serviceName }: DataAwsVpcEndpointService,
    { clusterName, vpcId, subnets, routeTableIds, after }: VpcEndpointsProps,
    group: SecurityGroup | undefined,
  ): VpcEndpoint {
    const { type } = ENDPOINTS[service];
    const places = type === "Gateway" ? [] : firstOfEachZone(subnets);
    return new VpcEndpoint(this, idOf(service), {
      vpcId,
      serviceName,
      vpcEndpointType: type,
      ...(type === "Gateway"
        ? { routeTableIds: [...routeTableIds] }
        : {
            subnetIds: places.map((subnet) => subnet.id),
            securityGroupIds: [group!.id],
            // Programs call AWS by the names that they know.
            privateDnsEnabled: true,
          }),
      tags: { Name: `${clusterName}-${service}` },
      dependsOn: [...after],
      lifecycle: {
        // A name that stays. Where a module waits for others, a plan does not know it, and would replace the endpoint.
        ignoreChanges: ["service_name"],
        // Asked of the service itself, it would make the name wait for a subnet with changes, and replace the endpoint too.
        precondition: places.map(({ availabilityZone }) => ({
          condition: `\${contains(data.aws_vpc_endpoint_service.${friendlyUniqueId}.availability_zones, ${expression(availabilityZone)})}`,
          errorMessage: `AWS must have the VPC endpoint ${service} in ${availabilityZone}, where machines are; put it into vpcEndpoints.except and let it be reached through the proxy, or use another zone.`,
        })),
      },
    });
  }
}

const idOf = (service: EndpointService): string => service.replace(".", "-");

/** AWS takes one subnet of a zone and no more. */
function firstOfEachZone(subnets: readonly Subnet[]): Subnet[] {
  const zones = subnets.map(({ availabilityZone }) => availabilityZone);
  return subnets.filter(({ availabilityZone }, index) => zones.indexOf(availabilityZone) === index);
}
