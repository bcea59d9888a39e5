import type { HardWaySettings, MachineGroupSettings } from "./hard-way-settings";
import { workerPools } from "./pools";
import type { Rule } from "./rule";
import { machineSubnet } from "./zones";

const groups = (settings: HardWaySettings): Record<string, MachineGroupSettings> => ({
  controlPlane: settings.controlPlane,
  ...workerPools(settings),
});
/** The values of one field of all groups, by path. */
const ofGroups = <Value>(settings: HardWaySettings, field: string, value: (group: MachineGroupSettings) => Value) =>
  Object.fromEntries(Object.entries(groups(settings)).map(([name, group]) => [`${name}.${field}`, value(group)]));
const lastHost = (group: MachineGroupSettings): number => group.firstHost + group.count - 1;

/** How many machines, of what size, and where. */
export const MACHINE_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "control-plane-odd",
    of: ({ controlPlane }) => ({ "controlPlane.count": controlPlane.count }),
    accepts: (count: number) => [1, 3, 5, 7].includes(count),
    must: "must be 1, 3, 5 or 7, so that etcd keeps a majority",
    cure: "use 3",
    breaks: (good) => ({ ...good, controlPlane: { ...good.controlPlane, count: 2 } }),
  },
  {
    id: "worker-count",
    of: (settings) =>
      Object.fromEntries(Object.entries(workerPools(settings)).map(([path, { count }]) => [`${path}.count`, count])),
    accepts: (count: number) => Number.isInteger(count) && count >= 1,
    must: "must be a whole number, and at least 1",
    cure: "use 3",
    breaks: (good) => ({ ...good, workers: { ...good.workers, count: 0 } }),
  },
  {
    id: "worker-total",
    of: (settings) => ({
      "workers.count and workerPools": Object.values(workerPools(settings)).reduce((sum, { count }) => sum + count, 0),
    }),
    accepts: (total: number, { topology, apiExposure, podNetwork }) =>
      total <= (topology === "public" && apiExposure === "internet" ? 50 : podNetwork === "vxlan" ? Infinity : 490),
    must: "must be at most 50 in all where workers with public addresses call an API that faces the internet, since a security group takes 60 rules, and at most 490 where pods use vpc-routes, since a route table takes 500 routes",
    cure: "use fewer and larger machines, an internal API, or vxlan",
    breaks: (good) => ({ ...good, workers: { ...good.workers, count: 51 } }),
  },
  {
    id: "instance-size",
    of: (settings) => ofGroups(settings, "instanceType", (group) => group.instanceType),
    accepts: (type: string) => /^[a-z0-9-]+\.[a-z0-9-]+$/.test(type) && !/\.(nano|micro)$/.test(type),
    must: "must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves",
    cure: "use t3.small or larger",
    breaks: (good) => ({ ...good, workers: { ...good.workers, instanceType: "t3.nano" } }),
  },
  {
    id: "addresses-inside",
    of: (settings) => ofGroups(settings, "firstHost", (group) => group.firstHost),
    accepts: (first: number, settings) => {
      const subnet = machineSubnet(settings);
      if (subnet === undefined) return true;
      const size = Number(subnet.size);
      const begins = Object.values(groups(settings)).filter((group) => group.firstHost === first);
      return Number.isInteger(first) && first >= 4 && begins.every((group) => lastHost(group) < size - 1);
    },
    must: "must leave every machine of the group inside its subnet and off the subnet's first four and its last address, which AWS keeps",
    cure: "use 10 for the control plane and 20 for the workers, and a networkCidr that leaves each subnet enough addresses",
    breaks: (good) => ({ ...good, controlPlane: { ...good.controlPlane, firstHost: 1 } }),
  },
  {
    id: "machines-apart",
    of: (settings) => {
      const all = Object.entries(groups(settings));
      return Object.fromEntries(
        all.flatMap(([a, one], index) =>
          all
            .slice(index + 1)
            .map(([b, other]) => [`${a} and ${b}`, [one.firstHost, lastHost(one), other.firstHost, lastHost(other)]]),
        ),
      );
    },
    accepts: ([a, b, c, d]: [number, number, number, number]) => b < c || d < a,
    must: "must have addresses of their own",
    cure: "begin the workers after the last controller, for example at 20, and each pool after the one before it",
    breaks: (good) => ({ ...good, workers: { ...good.workers, firstHost: good.controlPlane.firstHost + 1 } }),
  },
];
