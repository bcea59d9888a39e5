import type { HardWayCluster, HardWaySettings } from "../constructs";
import type { ClusterStack } from "./cluster-stack";
import { privateDnsOutputs } from "./private-dns-outputs";

/** What people and pipelines need of a cluster of our own machines. */
export function machineOutputs(stack: ClusterStack<HardWaySettings>, cluster: HardWayCluster): void {
  stack.output("endpoint", `https://${cluster.endpoint}`);
  stack.output(
    "machines",
    Object.fromEntries(
      [...cluster.controllers, ...cluster.workers].map(({ name, privateIp, publicIp }) => [
        name,
        { privateIp, publicIp },
      ]),
    ),
  );
  stack.output("pod_routes", Object.fromEntries(cluster.workers.map(({ privateIp, podCidr }) => [privateIp, podCidr])));
  stack.output("kubeconfig", cluster.adminKubeconfig, true);
  stack.output("ssh_user", cluster.sshUser);
  stack.output("ssh_known_hosts", cluster.sshKnownHosts);
  stack.output("ssh_private_key", cluster.sshPrivateKey, true);
  privateDnsOutputs(stack, cluster.privateDns);
}
