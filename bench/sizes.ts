import type { HardWayClusterProps } from "../constructs";

/** Numbers of workers that are measured. */
export const SIZES = [3, 30, 300] as const;

/** The smallest change to the default cluster that holds so many workers. */
export function clusterOf(workers: number): HardWayClusterProps {
  const props = { clusterName: "bench", adminCidrs: ["192.0.2.0/24"], workers: { count: workers } };
  if (workers <= 50) return props;
  // A security group takes no rule for the public address of each of them, and the default blocks hold 250: private
  // machines behind NAT, the bootstrap through a bastion, pods by vxlan.
  return {
    ...props,
    topology: "private",
    nat: "single",
    bastion: {},
    podNetwork: "vxlan",
    networkCidr: "10.240.0.0/20",
    podCidr: "10.0.0.0/12",
  };
}
