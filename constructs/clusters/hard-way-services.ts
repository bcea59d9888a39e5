import type { Construct } from "constructs";
import { ContainerRegistry } from "../machines/container-registry";
import type { HardWaySettings } from "../rules/hard-way-settings";

/** What of AWS the nodes use by themselves. */
export interface HardWayServices {
  /** JSON of inline policies by their names, by role. */
  readonly policies: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of ECR, by name. */
  readonly repositoryUrls: Readonly<Record<string, string>>;
}

export function hardWayServices(scope: Construct, settings: HardWaySettings): HardWayServices {
  const { clusterName, containerRegistry } = settings;
  const registry =
    containerRegistry === undefined
      ? undefined
      : new ContainerRegistry(scope, "container-registry", { ...containerRegistry, clusterName });
  return { policies: { workers: { ...registry?.policies } }, repositoryUrls: registry?.repositoryUrls ?? {} };
}
