import { COMPONENTS, isRefusedFlag, type Component, type ExtraArguments } from "../facts/component-flags";
import type { HardWaySettings } from "./hard-way-settings";
import type { Rule } from "./rule";

/** Every flag by its path, with its value beside it. */
const flags = ({ extraArguments }: HardWaySettings): Record<string, readonly [Component, string, string]> =>
  Object.fromEntries(
    Object.entries(extraArguments).flatMap(([component, given]) =>
      Object.entries(given).map(([flag, value]) => [
        `extraArguments.${component}.${flag}`,
        [component as Component, flag, value],
      ]),
    ),
  );
const withFlags = (good: HardWaySettings, extraArguments: ExtraArguments): HardWaySettings => ({
  ...good,
  extraArguments,
});

/** Flags that people give to programs besides ours. */
export const ARGUMENT_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "extra-arguments-component",
    also: ["type"],
    of: ({ extraArguments }) =>
      Object.fromEntries(Object.keys(extraArguments).map((component) => [`extraArguments.${component}`, component])),
    accepts: (component: string) => component in COMPONENTS,
    must: `must be one of ${Object.keys(COMPONENTS).join(", ")}`,
    cure: "write the program's name so",
    breaks: (good) => withFlags(good, { apiserver: {} } as ExtraArguments),
  },
  {
    id: "extra-arguments-form",
    of: flags,
    accepts: ([, flag, value]: [Component, string, string]) =>
      /^[a-z][a-zA-Z0-9_-]*$/.test(flag) && typeof value === "string" && /^[^\s'"\\]*$/.test(value),
    must: "must be a flag without its dashes, and a text without spaces, quotes and backslashes, which systemd would take for its own",
    cure: 'write it as in { "event-ttl": "2h" }',
    breaks: (good) => withFlags(good, { kubeApiserver: { "--event-ttl": "2h" } }),
  },
  {
    id: "extra-arguments-refused",
    of: flags,
    accepts: ([component, flag]: [Component, string]) => !(component in COMPONENTS) || !isRefusedFlag(component, flag),
    must: "must not be a flag that the library sets itself or that would open the cluster",
    cure: "leave it out, or use the prop of the cluster that is meant for it",
    breaks: (good) => withFlags(good, { kubeApiserver: { "anonymous-auth": "true" } }),
  },
];
