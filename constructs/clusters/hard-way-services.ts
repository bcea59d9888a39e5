import type { Construct } from "constructs";
import type { NodeEnv } from "../bootstrap/node-env";
import { ContainerRegistry } from "../machines/container-registry";
import { NodeLogs } from "../machines/node-logs";
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
  readonly logs: NodeLogs | undefined;
  /** Variables of `node.env`. */
  readonly env: Partial<NodeEnv>;
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
  const logs = settings.logs === undefined ? undefined : new NodeLogs(scope, "logs", { ...settings.logs, clusterName });
  const write = logs === undefined ? {} : { "write-logs": logs.policy };
  return {
    policies: {
      controlPlane: write,
      workers: {
        ...registry?.policies,
        ...write,
        ...(externalDns === undefined ? {} : { "external-dns": externalDns.policy }),
      },
    },
    repositoryUrls: registry?.repositoryUrls ?? {},
    names,
    logs,
    env: logs === undefined ? {} : { AWS_REGION: logs.region, LOGS_ENDPOINT: logs.endpoint, LOG_GROUP: logs.groupName },
  };
}
