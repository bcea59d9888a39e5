import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { Cidr, hostOf } from "../core/cidr";
import { isKnown } from "../core/known";
import { PORTS } from "../facts/ports";
import { OfferedZones } from "../machines/offered-zones";
import { BastionAccess } from "../network/bastion-access";
import {
  BASTION_RULES,
  FIREWALL_RULES,
  HEALTH_PROXY_RULES,
  INSTANCE_CONNECT_RULES,
  INTERNAL_API_RULES,
  VXLAN_FIREWALL_RULES,
  VXLAN_RULES,
  type FirewallRule,
} from "../network/firewall-rules";
import { addressOf, ExistingNetwork } from "../network/existing-network";
import { FlowLogs } from "../network/flow-logs";
import { Network, type INetwork, type Subnet } from "../network/network";
import { SecurityGroups } from "../network/security-groups";
import type { HardWaySettings } from "../rules/hard-way-settings";
import { poolsOf } from "./hard-way-pools";
import type { HardWayClusterProps } from "./hard-way-props";

/** Where machines live, and who may talk to whom. */
export interface HardWayNetwork {
  readonly network: INetwork;
  readonly groups: SecurityGroups;
  /** Those of the machines. */
  readonly subnets: readonly Subnet[];
  /** Those of the load balancer. */
  readonly apiSubnets: readonly Subnet[];
  /** Machines are reachable when it exists. */
  readonly ready: readonly TerraformResource[];
}

export function hardWayNetwork(
  scope: Construct,
  settings: HardWaySettings,
  props: Pick<HardWayClusterProps, "firewallRules" | "healthCheck">,
): HardWayNetwork {
  const vxlan = settings.podNetwork === "vxlan";
  const { clusterName, topology, apiExposure, bastion, access } = settings;
  // Without people who log in directly, the bootstrap alone needs port 22, unless it goes through the bastion.
  const people = access === "ssh" || settings.sshAddress !== "bastion";
  const network = networkOf(scope, settings);
  if (settings.flowLogs !== undefined)
    new FlowLogs(scope, "flow-logs", {
      ...settings.flowLogs,
      clusterName,
      vpcId: network.vpcId,
      permissionsBoundary: settings.permissionsBoundary,
    });
  const subnets = topology === "public" ? network.publicSubnets : network.privateSubnets;
  const rules = [
    ...(props.firewallRules ?? (vxlan ? VXLAN_FIREWALL_RULES : FIREWALL_RULES)).filter(
      (rule) => people || !isAdminSsh(rule),
    ),
    ...(apiExposure === "internal" ? INTERNAL_API_RULES : []),
    ...(props.healthCheck === "nginx" ? HEALTH_PROXY_RULES : []),
    ...(access === "instanceConnect" ? INSTANCE_CONNECT_RULES : []),
    ...(vxlan ? VXLAN_RULES : []),
    ...(bastion === undefined ? [] : BASTION_RULES),
  ];
  const groups = new SecurityGroups(scope, "security-groups", {
    vpcId: network.vpcId,
    clusterName,
    rules,
    cidrs: { admin: settings.adminCidrs, pods: settings.podCidr, network: network.cidr },
  });
  const { sshBastion } = settings;
  const machinesOf = (role: "control-plane" | "worker") => ({
    id: groups.idOf(role),
    admitted: rules.some((rule) => isAdminSsh(rule) && rule.to === role) ? settings.adminCidrs : [],
  });
  const { cidr, securityGroupId } = sshBastion ?? {};
  const admitted =
    sshBastion === undefined
      ? []
      : new BastionAccess(scope, "bastion-access", {
          groups: { "control-plane": machinesOf("control-plane"), worker: machinesOf("worker") },
          cidr,
          securityGroupId,
        }).ready;
  return {
    network,
    groups,
    subnets,
    apiSubnets: apiExposure === "internet" ? network.publicSubnets : subnets,
    ready: [...network.ready, ...groups.ready, ...admitted],
  };
}

function networkOf(scope: Construct, settings: HardWaySettings): INetwork {
  const { clusterName, topology, nat, apiExposure, bastion, existingNetwork, proxy } = settings;
  if (existingNetwork === undefined)
    return new Network(scope, "network", {
      clusterName,
      cidr: settings.networkCidr,
      topology,
      availabilityZones: zonesOf(scope, settings),
      nat,
      facing: nat !== "none" || apiExposure === "internet" || bastion !== undefined,
      gatewayRoutes: settings.gatewayRoutes,
    });
  // Machines take turns in the subnets, each group from its own first address.
  const groups = [settings.controlPlane, ...poolsOf(settings)];
  const proxyAddress = proxy === undefined || !isKnown(proxy.url) ? undefined : addressOf(proxy.url);
  return new ExistingNetwork(scope, "network", {
    ...existingNetwork,
    addresses: existingNetwork.subnets.map(({ cidr }, subnet) =>
      groups.flatMap(({ firstHost, count }) =>
        Array.from({ length: count }, (_, index) => index)
          .filter((index) => index % existingNetwork.subnets.length === subnet)
          .map((index) => hostOf(cidr, firstHost + index)),
      ),
    ),
    // Inside of the VPC no route is needed.
    proxyAddress:
      proxyAddress === undefined ||
      !isKnown(existingNetwork.cidr) ||
      Cidr.parse(existingNetwork.cidr).contains(proxyAddress)
        ? undefined
        : proxyAddress,
  });
}

const isAdminSsh = ({ from, port }: FirewallRule): boolean => from === "admin" && port === PORTS.ssh;

function zonesOf(scope: Construct, settings: HardWaySettings): readonly string[] {
  const { availabilityZones: zones, controlPlane, bastion } = settings;
  if (typeof zones !== "number") return zones;
  const groups = [controlPlane, ...poolsOf(settings), ...(bastion === undefined ? [] : [bastion])];
  const instanceTypes = groups.map(({ instanceType }) => instanceType);
  return new OfferedZones(scope, "zone", { instanceTypes, count: zones }).names;
}
