import type { Construct } from "constructs";
import { ContainerRegistry } from "../machines/container-registry";
import type { HardWaySettings } from "../rules/hard-way-settings";
import type { HardWayClusterProps } from "./hard-way-props";
import { privateZone, type ZoneOfCluster } from "./private-network";

/** What of AWS the nodes use by themselves. */
export interface HardWayServices {
  /** JSON of inline policies by their names, by role. */
  readonly policies: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of ECR, by name. */
  readonly repositoryUrls: Readonly<Record<string, string>>;
  readonly names: ZoneOfCluster;
}

export function hardWayServices(
  scope: Construct,
  settings: HardWaySettings,
  props: HardWayClusterProps,
  vpcId: string,
): HardWayServices {
  const { clusterName, containerRegistry } = settings;
  const registry =
    containerRegistry === undefined
      ? undefined
      : new ContainerRegistry(scope, "container-registry", { ...containerRegistry, clusterName });
  const names = privateZone(scope, props, { clusterName, vpcId, nodeRole: true });
  const { externalDns } = names;
  return {
    policies: {
      workers: { ...registry?.policies, ...(externalDns === undefined ? {} : { "external-dns": externalDns.policy }) },
    },
    repositoryUrls: registry?.repositoryUrls ?? {},
    names,
  };
}
