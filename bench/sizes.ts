import type { HardWayClusterProps } from "../constructs";

/** Numbers of workers that are measured. */
export const SIZES = [3, 30, 300] as const;

/** The smallest change to the default cluster that holds so many workers. */
export function clusterOf(workers: number): HardWayClusterProps {
  const props = { clusterName: "bench", adminCidrs: ["192.0.2.0/24"], workers: { count: workers } };
  if (workers <= 50) return props;
  // A route table takes no route for each of them, and a security group no rule: pods by an overlay, machines private.
  const mirror = "http://10.240.0.250";
  const large = {
    topology: "private",
    ssh: { address: "private" },
    podNetwork: "vxlan",
    networkCidr: "10.240.0.0/20",
    podCidr: "10.0.0.0/12",
    mirrors: { downloads: mirror, images: mirror, packages: `${mirror}/debian` },
  };
  return { ...props, ...large } as HardWayClusterProps;
}
