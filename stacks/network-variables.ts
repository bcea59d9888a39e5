import { Fn, Token, type TerraformVariable } from "cdktf";
import { HARD_WAY_RULES, type ExistingNetworkSettings, type HardWaySettings } from "../constructs";
import type { ClusterStack } from "./cluster-stack";

const OTHER = "another cluster's place: replaces machines and load balancer, etcd's data with them";

/**
 * A private network as variables of a module, so that it is called for as many networks as there are. How many subnets and route
 * tables there are shapes the graph, and is as described; so are the values of who gives none.
 */
export function networkVariables(
  stack: ClusterStack<HardWaySettings>,
  described: ExistingNetworkSettings,
  settings: HardWaySettings,
): ExistingNetworkSettings {
  const { vpcId, cidr, subnets, routeTableIds } = described;
  const variable = <Default>(name: string, type: string, meaning: string, value: Default): TerraformVariable =>
    stack.variable(name, type, { meaning, changing: `is ${OTHER}` }, value);

  const vpc = variable("vpc_id", "string", "private VPC that is there", vpcId);
  const block = variable("network_cidr", "string", "block of that VPC, which holds the subnets", cidr);
  const places = variable(
    "subnets",
    "list(object({ id = string, cidr = string, availability_zone = string }))",
    "subnets of that VPC, in which machines take turns at fixed addresses",
    subnets.map(({ id, cidr, availabilityZone }) => ({ id, cidr, availability_zone: availabilityZone })),
  );
  const tables = stack.variable(
    "route_table_ids",
    "list(string)",
    {
      meaning: "every route table that one of the subnets uses",
      changing: "moves the routes to pods, and nothing else",
    },
    routeTableIds,
  );

  const of = <Given>(name: string, given: readonly Given[]) => ({
    condition: `\${length(var.${name}) == ${given.length}}`,
    errorMessage: `${name} must be ${given.length} in number, as the module was generated; generate it again for another number.`,
  });
  places.addValidation(of("subnets", subnets));
  tables.addValidation(of("route_table_ids", routeTableIds));
  const last = Math.max(
    ...[settings.controlPlane, settings.workers, ...Object.values(settings.workerPools)].map(
      ({ firstHost, count }) => firstHost + count - 1,
    ),
  );
  places.addValidation({
    condition: `\${alltrue([for subnet in var.subnets : try(pow(2, 32 - tonumber(split("/", subnet.cidr)[1])) - 1 > ${last}, true)])}`,
    errorMessage: `subnets ${mustOf("addresses-inside")}; the last machine has number ${last} here.`,
  });
  places.addValidation({
    condition: "${length(distinct(var.subnets[*].availability_zone)) == length(var.subnets)}",
    errorMessage: `subnets must each be in a zone of its own, since a load balancer takes one for each.`,
  });
  const apart = [settings.podCidr, settings.serviceCidr].map((other) => {
    const shorter = `min(${other.split("/")[1]}, tonumber(split("/", var.network_cidr)[1]))`;
    const begins = (address: string): string => `cidrhost(format("%s/%d", ${address}, ${shorter}), 0)`;
    return `try(${begins('split("/", var.network_cidr)[0]')} != ${begins(JSON.stringify(other.split("/")[0]))}, true)`;
  });
  block.addValidation({
    condition: `\${${apart.join(" && ")}}`,
    errorMessage: `network_cidr and ${settings.podCidr} of pods or ${settings.serviceCidr} of services ${mustOf("cidrs-apart")}; generate the module with other ones.`,
  });

  const each = (index: number, field: string): string => Token.asString(Fn.lookupNested(places.value, [index, field]));
  return {
    ...described,
    vpcId: vpc.stringValue,
    cidr: block.stringValue,
    subnets: subnets.map((_, index) => ({
      id: each(index, "id"),
      cidr: each(index, "cidr"),
      availabilityZone: each(index, "availability_zone"),
    })),
    routeTableIds: routeTableIds.map((_, index) => Token.asString(Fn.lookupNested(tables.value, [index]))),
  };
}

const mustOf = (id: string): string => HARD_WAY_RULES.find((rule) => rule.id === id)!.must;
