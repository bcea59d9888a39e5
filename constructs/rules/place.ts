import type { Rule } from "./rule";

/** The region, whatever kind of cluster lies in it. */
export const regionRule = <Settings extends { readonly region?: string | undefined }>(): Rule<Settings> => ({
  id: "region",
  of: ({ region }) => ({ region }),
  accepts: (region: string) => /^[a-z]{2}(-[a-z]+)+-[0-9]$/.test(region),
  must: "must be the code of an AWS region",
  cure: "write it as in eu-west-1",
  breaks: (good) => ({ ...good, region: "Ireland" }),
  variables: {
    region: { condition: 'can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))', breaks: "Ireland" },
  },
});

/** Names of zones, where they are named and not only counted. */
export const zoneNamesRule = <
  Settings extends { readonly availabilityZones: readonly string[] | number },
>(): Rule<Settings> => ({
  id: "zone-names",
  of: ({ availabilityZones }) => ({
    availabilityZones: typeof availabilityZones === "number" ? undefined : availabilityZones,
  }),
  accepts: (names: readonly string[]) =>
    new Set(names).size === names.length &&
    names.every((name) => /^[a-z]{2}(-[a-z0-9]+)+-[0-9]+[a-z]$/.test(name)) &&
    new Set(names.map((name) => /^[a-z]{2}(-[a-z]+)+-[0-9]/.exec(name)?.[0])).size <= 1,
  must: "must name each zone once, by its name, and all of one region",
  cure: "write them as in eu-west-1a",
  breaks: (good) => ({ ...good, availabilityZones: ["eu-west-1a", "eu-west-1a"] }),
});
