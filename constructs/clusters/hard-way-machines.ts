import { Op, Token, conditional, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { Cidr } from "../core/cidr";
import type { Architecture } from "../facts/release-files";
import { Bastion } from "../machines/bastion";
import { MachineImage, type OperatingSystem } from "../machines/machine-image";
import { ExistingProfile, MachineRole } from "../machines/machine-role";
import { Machines, type Machine, type MachinesProps } from "../machines/machines";
import type { SshKey } from "../machines/ssh-key";
import { InstanceConnect } from "../network/instance-connect";
import type { HardWaySettings } from "../rules/hard-way-settings";
import type { HardWayNetwork } from "./hard-way-network";
import type { HardWayServices } from "./hard-way-services";
import { poolsOf, renderLabels, renderTaints } from "./hard-way-pools";

export interface Controller extends Machine {
  /** Where Terraform reaches its SSH. */
  readonly host: string;
}

export interface Worker extends Controller {
  readonly podCidr: string;
  /** As node.env has them. */
  readonly labels: string;
  readonly taints: string;
  /** Undefined where it is that of the control plane. */
  readonly kubernetesVersion: string | undefined;
}

export interface HardWayMachines {
  readonly controllers: readonly Controller[];
  readonly workers: readonly Worker[];
  readonly bastion: Bastion | undefined;
  /** Every machine is there. */
  readonly ready: readonly TerraformResource[];
}

export function hardWayMachines(
  scope: Construct,
  settings: HardWaySettings,
  options: {
    readonly operatingSystem: OperatingSystem;
    readonly architecture: Architecture;
    readonly key: SshKey;
    readonly where: HardWayNetwork;
    readonly services: HardWayServices;
  },
): HardWayMachines {
  const { clusterName, topology, controlPlane, podCidr } = settings;
  const { architecture, operatingSystem, key, where } = options;
  const image = new MachineImage(scope, "image", { operatingSystem, architecture });
  const common = { imageId: image.id, keyName: key.name, architecture, after: where.network.ready };
  const profile = (role: string, prop: string): string => {
    const there = settings.instanceProfiles[prop];
    if (there !== undefined) return new ExistingProfile(scope, `${role}-profile`, { name: there }).profileName;
    return new MachineRole(scope, `${role}-role`, {
      namePrefix: `${clusterName}-${role}-`,
      managedPolicies: settings.access === "ssm" ? ["AmazonSSMManagedInstanceCore"] : [],
      policyArns: settings.policies[prop] ?? {},
      inlinePolicies: { ...options.services.policies[prop], ...settings.inlinePolicies[prop] },
      permissionsBoundary: settings.permissionsBoundary,
    }).profileName;
  };
  const machines = (
    id: string,
    group: Pick<MachinesProps, "name" | "count" | "instanceType" | "firstHost" | "securityGroupId" | "instanceProfile">,
  ): Machines =>
    new Machines(scope, id, { ...common, ...group, subnets: where.subnets, publicAddress: topology === "public" });
  const target = (machine: Machine): Controller => ({ ...machine, host: sshHost(settings.sshAddress, machine) });

  const controllers = machines("control-plane", {
    ...controlPlane,
    name: "controller",
    securityGroupId: where.groups.idOf("control-plane"),
    instanceProfile: profile("control-plane", "controlPlane"),
  });
  const workerRole = { securityGroupId: where.groups.idOf("worker"), instanceProfile: profile("worker", "workers") };
  const pools = poolsOf(settings).map((pool) => {
    const { name, count, instanceType, firstHost } = pool;
    return { pool, made: machines(pool.id, { name, count, instanceType, firstHost, ...workerRole }) };
  });
  // What AWS gives an address of its own choice comes after the machines, whose fixed ones it might take.
  const fixed = [...controllers.ready, ...pools.flatMap(({ made }) => made.ready)];
  if (settings.access === "instanceConnect")
    new InstanceConnect(scope, "instance-connect", {
      clusterName,
      subnetId: where.subnets[0]!.id,
      securityGroupId: where.groups.idOf("instance-connect"),
      after: fixed,
    });
  const bastion =
    settings.bastion === undefined
      ? undefined
      : new Bastion(scope, "bastion", {
          ...common,
          ...settings.bastion,
          after: [...where.network.ready, ...fixed],
          subnetId: where.network.publicSubnets[0]!.id,
          securityGroupId: where.groups.idOf("bastion"),
          instanceProfile: profile("bastion", "bastion"),
        });

  return {
    controllers: controllers.all.map(target),
    workers: pools.flatMap(({ pool, made }) =>
      made.all.map((machine, index) => ({
        ...target(machine),
        podCidr: Cidr.parse(podCidr).subnet(24, pool.podBlock(index)).toString(),
        // What schedulers and volumes go by, and nobody else would say without a cloud controller.
        labels: renderLabels({ "topology.kubernetes.io/zone": machine.availabilityZone, ...pool.labels }),
        taints: renderTaints(pool.taints),
        kubernetesVersion: pool.kubernetesVersion,
      })),
    ),
    bastion,
    ready: [...fixed, ...(bastion?.ready ?? [])],
  };
}

function sshHost(address: string, machine: Machine): string {
  if (Token.isUnresolved(address))
    return Token.asString(conditional(Op.eq(address, "public"), machine.publicIp, machine.privateIp));
  return address === "public" ? machine.publicIp : machine.privateIp;
}
