import type { Rule } from "./rule";

// Source: kubernetes 1.36, pkg/kubelet/apis/config/validation: what a kubelet ends with.
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  cpuManagerPolicy: ["none", "static"],
  memoryManagerPolicy: ["None", "Static"],
  topologyManagerPolicy: ["none", "best-effort", "restricted", "single-numa-node"],
  topologyManagerScope: ["container", "pod"],
  "logging.format": ["text", "json"],
  "memorySwap.swapBehavior": ["", "NoSwap", "LimitedSwap"],
};

type Fields = Readonly<Record<string, unknown>>;
const at = (fields: Fields, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as Fields | undefined)?.[key], fields);

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
/** A number, or a duration such as 1m30s in seconds; NaN for anything else. */
function amount(value: unknown): number {
  if (typeof value !== "string") return typeof value === "number" ? value : NaN;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|[hms])/g)];
  if (value === "" || parts.map(([part]) => part).join("") !== value) return NaN;
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * SECONDS[unit!]!, 0);
}

/** Two fields of which one is given at least, by their path, with kubelet's default for the other. */
const two = (
  given: Readonly<Record<string, Fields>>,
  low: readonly [field: string, otherwise: unknown],
  high: readonly [field: string, otherwise: unknown],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([, fields]) => fields[low[0]] !== undefined || fields[high[0]] !== undefined)
      .map(([path, fields]) => [
        `${path}.${low[0]} and ${high[0]}`,
        [low, high].map(([field, otherwise]) => fields[field] ?? otherwise),
      ]),
  );

/** Values of kubelet's fields, by the paths of who gives them: kubelet would end at the node's first start. */
export const kubeletRules = <Settings>(
  given: (settings: Settings) => Readonly<Record<string, Fields>>,
  withFields: (good: Settings, fields: Fields) => Settings,
): readonly Rule<Settings>[] => [
  {
    id: "kubelet-choices",
    of: (settings) =>
      Object.fromEntries(
        Object.entries(given(settings)).flatMap(([path, fields]) =>
          Object.keys(CHOICES).map((field) => [
            `${path}.${field}`,
            at(fields, field) === undefined ? undefined : [field, at(fields, field)],
          ]),
        ),
      ),
    accepts: ([field, value]: [string, string]) => CHOICES[field]!.includes(value),
    must: `must be what kubelet takes: ${Object.entries(CHOICES)
      .map(([field, all]) => [field, all.filter((value) => value !== "")] as const)
      .map(([field, values]) => `${field} ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`)
      .join(", ")}`,
    cure: "write it so, or leave it out",
    breaks: (good) => withFields(good, { topologyManagerPolicy: "numa" }),
  },
  {
    id: "kubelet-image-thresholds",
    of: (settings) => two(given(settings), ["imageGCLowThresholdPercent", 80], ["imageGCHighThresholdPercent", 85]),
    // A form that is not known is left to kubelet.
    accepts: ([low, high]: [unknown, unknown]) => !(amount(low) >= amount(high)),
    must: "must have the first below the second, or kubelet ends, which has 80 and 85 where one is not given",
    cure: "give both",
    breaks: (good) => withFields(good, { imageGCHighThresholdPercent: 75 }),
  },
  {
    id: "kubelet-grace-periods",
    of: (settings) => two(given(settings), ["shutdownGracePeriodCriticalPods", "0s"], ["shutdownGracePeriod", "0s"]),
    accepts: ([critical, all]: [unknown, unknown]) => !(amount(critical) > amount(all)),
    must: "must not give critical pods more than all of them have, or kubelet ends, which has 0s where one is not given",
    cure: "raise the second",
    breaks: (good) => withFields(good, { shutdownGracePeriod: "10s", shutdownGracePeriodCriticalPods: "1m" }),
  },
];
