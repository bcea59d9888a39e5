import { instanceTypes, nearTypes } from "../facts/instance-types";
import { KUBELET_FIELDS } from "../facts/kubelet-fields";
import { maxPods, type PodAddresses } from "../facts/max-pods";
import type { EksSettings, NodeGroupSettings } from "./eks-settings";
import { areLabels, areTaints, mayRegister } from "./labels";
import type { Taint } from "./hard-way-settings";
import type { Rule } from "./rule";

/** A value of every group by the path of its field. */
export const ofGroups = <Value>(
  { groups }: EksSettings,
  field: string,
  value: (group: NodeGroupSettings) => Value,
): Record<string, Value> =>
  Object.fromEntries(Object.entries(groups).map(([path, group]) => [`${path}.${field}`, value(group)]));

/** Good settings with every group changed. */
export const withGroups = (good: EksSettings, change: Partial<NodeGroupSettings>): EksSettings => ({
  ...good,
  groups: Object.fromEntries(Object.entries(good.groups).map(([path, group]) => [path, { ...group, ...change }])),
});
const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0;

// Source: eksctl, pkg/apis/eksctl.io/v1alpha5/validation.go: what nodes of EKS do not work without.
const KEPT = [
  "address",
  "apiVersion",
  "authentication",
  "authorization",
  "clusterDomain",
  "kind",
  "serverTLSBootstrap",
];
const NOT_ON_UBUNTU = Object.keys(KUBELET_FIELDS).filter((field) => KUBELET_FIELDS[field]!.flag === undefined);
const takesField = (system: string, field: string): boolean =>
  ["al2023", "al2"].includes(system) ||
  (field in KUBELET_FIELDS && !(system === "ubuntu" && NOT_ON_UBUNTU.includes(field)));
const ALLOCATIONS = [
  "price-capacity-optimized",
  "capacity-optimized",
  "capacity-optimized-prioritized",
  "lowest-price",
];

/** The most pods that each type of a group has addresses for; undefined while there is a type that nobody knows. */
export function podsOfGroup(group: NodeGroupSettings, addresses: PodAddresses): number | undefined {
  const types = group.instanceTypes.map((name) => instanceTypes().get(name));
  if (types.length === 0) return undefined;
  const pods = types.map((type) => (type === undefined ? NaN : maxPods(type, addresses)));
  return pods.some(Number.isNaN) ? undefined : Math.min(...pods);
}

/** Groups of nodes. */
export const EKS_GROUP_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "group-name",
    of: ({ groups }) => Object.fromEntries(Object.keys(groups).map((path) => [path, path.split(".")[1]])),
    accepts: (name: string) => /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name),
    must: "must be 1 to 20 lower-case letters, digits and hyphens, and begin with a letter",
    cure: "use a name such as workers",
    breaks: (good) => ({ ...good, groups: { "selfManagedGroups.My_Nodes": Object.values(good.groups)[0]! } }),
  },
  {
    id: "group-names-apart",
    of: ({ groups }) => {
      const names = Object.keys(groups).map((path) => path.split(".")[1]!);
      return { "selfManagedGroups and managedGroups": names };
    },
    accepts: (names: readonly string[]) => new Set(names).size === names.length,
    must: "must not have a group of one name twice, since their nodes are named by it",
    cure: "rename one of them",
    breaks: (good) => {
      const [[path, group] = ["", undefined]] = Object.entries(good.groups);
      const other = `managedGroups.${path.split(".")[1]}`;
      return { ...good, groups: { [path]: group!, [other]: { ...group!, managed: true } } };
    },
  },
  {
    id: "group-size",
    of: (settings) => ofGroups(settings, "min, desired and max", ({ min, desired, max }) => [min, desired, max]),
    accepts: ([min, desired, max]: [number, number, number]) =>
      [min, desired, max].every(isCount) && min <= desired && desired <= max && max >= 1,
    must: "must be whole numbers, each at least as large as the one before it, and the last at least 1",
    cure: "use 2, 2 and 4",
    breaks: (good) => withGroups(good, { min: 3, desired: 2, max: 4 }),
  },
  {
    id: "instance-types",
    of: (settings) => ofGroups(settings, "instanceTypes", (group) => group.instanceTypes),
    accepts: (types: readonly string[]) =>
      types.length >= 1 && types.length <= 20 && new Set(types).size === types.length,
    must: "must name 1 to 20 types, each once",
    cure: "use ['m5.large']",
    breaks: (good) => withGroups(good, { instanceTypes: [] }),
  },
  {
    id: "instance-type-known",
    also: ["node"],
    of: ({ groups }) =>
      Object.fromEntries(
        Object.entries(groups).flatMap(([path, { instanceTypes: names }]) =>
          names
            .filter((name) => !instanceTypes().has(name))
            .map((name, index) => [`${path}.instanceTypes[${index}]`, { type: name, near: nearTypes(name) }]),
        ),
      ),
    accepts: () => false,
    must: "must be a type of EC2 that is known to have room for pods, as the CNI has to know it too",
    cure: "use one of the near ones, or a newer release of this library for a type that is new",
    breaks: (good) => withGroups(good, { instanceTypes: ["t3.mediun"] }),
  },
  {
    id: "architecture",
    of: (settings) =>
      ofGroups(settings, "architecture", ({ architecture, instanceTypes: names }) => [
        architecture,
        ...new Set(names.flatMap((name) => instanceTypes().get(name)?.architecture ?? [])),
      ]),
    accepts: ([architecture, ...of]: [string, ...string[]]) =>
      of.every((type) => (type === "arm64" ? "arm64" : "amd64") === architecture),
    must: "must be that of all its instance types, or its image would not boot on them",
    cure: "use amd64 for x86_64 and arm64 for arm64, in groups of their own",
    breaks: (good) => withGroups(good, { architecture: "arm64" }),
  },
  {
    id: "operating-system",
    also: ["type"],
    of: (settings) =>
      ofGroups(settings, "operatingSystem", ({ operatingSystem, managed }) => [operatingSystem, managed]),
    accepts: ([system, managed]: [string, boolean]) =>
      (managed ? ["al2023", "bottlerocket"] : ["al2023", "bottlerocket", "ubuntu", "al2"]).includes(system),
    must: "must be al2023, bottlerocket, ubuntu or al2, and al2023 or bottlerocket in a managed group",
    cure: "leave it out for al2023",
    breaks: (good) => withGroups(good, { operatingSystem: "windows" as "al2" }),
  },
  {
    id: "al2",
    of: ({ groups, kubernetesVersion }) =>
      Object.fromEntries(
        Object.entries(groups)
          .filter(([, { operatingSystem }]) => operatingSystem === "al2")
          .map(([path, { imageId }]) => [`${path}.operatingSystem`, { kubernetesVersion, imageId: imageId ?? "" }]),
      ),
    accepts: (given: { kubernetesVersion: string; imageId: string }) =>
      given.kubernetesVersion === "1.32" && given.imageId !== "",
    must: "must not be al2 but for Kubernetes 1.32 with an image of yours: AWS publishes none since November 2025, and there never was one for 1.33",
    cure: "use al2023",
    breaks: (good) => withGroups(good, { operatingSystem: "al2" }),
  },
  {
    id: "image",
    of: (settings) => ofGroups(settings, "imageId", ({ imageId }) => imageId),
    accepts: (image: string) => /^ami-[0-9a-f]{8,17}$/.test(image),
    must: "must be the id of an image",
    cure: "write it as in ami-0123456789abcdef0, or leave it out for the newest of AWS",
    breaks: (good) => withGroups(good, { imageId: "al2023" }),
  },
  {
    id: "labels",
    of: (settings) => ofGroups(settings, "labels", ({ labels }) => labels),
    accepts: (labels: Readonly<Record<string, string>>) => areLabels(labels) && Object.keys(labels).every(mayRegister),
    must: "must have keys and values of at most 63 letters, digits, hyphens, underscores and dots, and none below kubernetes.io or k8s.io but under node.kubernetes.io and kubelet.kubernetes.io",
    cure: "write them as in example.com/tier: web",
    breaks: (good) => withGroups(good, { labels: { "node-role.kubernetes.io/worker": "" } }),
  },
  {
    id: "taints",
    also: ["type"],
    of: (settings) => ofGroups(settings, "taints", ({ taints }) => taints),
    accepts: areTaints,
    must: "must have keys and values as labels have, the effect NoSchedule, PreferNoSchedule or NoExecute, and each key with an effect once",
    cure: "write them as in { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }",
    breaks: (good) => withGroups(good, { taints: [{ key: "dedicated", effect: "NoRun" as Taint["effect"] }] }),
  },
  {
    id: "root-volume",
    of: (settings) => ofGroups(settings, "rootVolumeGiB", ({ rootVolumeGiB }) => rootVolumeGiB),
    accepts: (size: number) => Number.isInteger(size) && size >= 20 && size <= 16384,
    must: "must be 20 to 16384 GiB: the images for EKS are of 20, and EBS has no larger volume",
    cure: "use 80",
    breaks: (good) => withGroups(good, { rootVolumeGiB: 8 }),
  },
  {
    id: "max-pods",
    of: ({ groups, ...addresses }) =>
      Object.fromEntries(
        Object.entries(groups).map(([path, group]) => [
          `${path}.maxPods`,
          group.maxPods === undefined
            ? undefined
            : { asked: group.maxPods, addresses: podsOfGroup(group, addresses) ?? null },
        ]),
      ),
    accepts: ({ asked, addresses }: { asked: number; addresses: number | null }) =>
      Number.isInteger(asked) && asked >= 4 && (addresses === null || asked <= addresses),
    must: "must be at least 4, and no more than the smallest of the instance types has addresses for, or pods would wait for one for ever",
    cure: "leave it out, take a larger type, or set prefixDelegation",
    breaks: (good) => withGroups(good, { maxPods: 500 }),
  },
  {
    id: "kubelet-settings",
    of: (settings) =>
      ofGroups(settings, "kubelet", ({ kubelet, operatingSystem }) => [operatingSystem, ...Object.keys(kubelet)]),
    accepts: ([system, ...fields]: [string, ...string[]]) =>
      fields.every((field) => ![...KEPT, "maxPods"].includes(field) && takesField(system, field)),
    must: `must leave ${KEPT.join(", ")} as EKS has them and have maxPods beside it; bottlerocket takes ${Object.keys(KUBELET_FIELDS).join(", ")}, and ubuntu the same but for ${NOT_ON_UBUNTU.join(" and ")}`,
    cure: "take the others out, or use al2023, which takes all",
    breaks: (good) => withGroups(good, { kubelet: { authorization: {} } }),
  },
  {
    id: "spot",
    of: (settings) => ofGroups(settings, "spot", ({ spot }) => spot),
    accepts: ({
      onDemandBase = 0,
      onDemandPercentage = 0,
      allocation = ALLOCATIONS[0]!,
    }: NonNullable<NodeGroupSettings["spot"]>) =>
      isCount(onDemandBase) &&
      isCount(onDemandPercentage) &&
      onDemandPercentage <= 100 &&
      ALLOCATIONS.includes(allocation),
    must: `must have whole numbers, a percentage of at most 100, and an allocation of ${ALLOCATIONS.join(", ")}`,
    cure: "use {} for spot instances alone",
    breaks: (good) => withGroups(good, { spot: { onDemandPercentage: 110 } }),
  },
  {
    id: "max-unavailable",
    of: (settings) => ofGroups(settings, "maxUnavailablePercentage", (group) => group.maxUnavailablePercentage),
    accepts: (percentage: number) => Number.isInteger(percentage) && percentage >= 1 && percentage <= 100,
    must: "must be a whole number of percent, 1 to 100",
    cure: "use 33",
    breaks: (good) => withGroups(good, { maxUnavailablePercentage: 0 }),
  },
  {
    id: "private-way-out",
    also: ["type"],
    of: ({ groups, nat, existingNetwork }) =>
      existingNetwork === undefined
        ? Object.fromEntries(Object.entries(groups).map(([path, { subnets }]) => [`${path}.subnets`, [subnets, nat]]))
        : {},
    accepts: ([subnets, nat]: [string, string]) => subnets === "public" || (subnets === "private" && nat !== "none"),
    must: "must be public or private, and public without NAT, or nodes would reach neither their images nor AWS",
    cure: "use nat: 'single'",
    breaks: (good) => ({ ...withGroups(good, { subnets: "private" }), nat: "none" }),
  },
];
