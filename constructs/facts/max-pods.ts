import type { InstanceType } from "./instance-types";

/** How the VPC's CNI gives addresses to pods. */
export interface PodAddresses {
  /** Whole blocks of 16 addresses for each interface, instead of single ones. @default false */
  readonly prefixDelegation?: boolean;
  /** Pods have subnets of their own, so that a node's first interface serves none. @default false */
  readonly customNetworking?: boolean;
}

/** Addresses of a prefix that the CNI takes for an interface. */
export const PREFIX_SIZE = 16;
/** Pods that live at the node's own address: aws-node and kube-proxy. */
const HOST_PODS = 2;

// Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/eni_max_pods.go, and, for prefixes and custom networking,
// templates/al2/runtime/max-pods-calculator.sh, which caps what it says where prefixes would allow hundreds.
/** The most pods that a node of a type has addresses for. */
export function maxPods(
  type: InstanceType,
  { prefixDelegation = false, customNetworking = false }: PodAddresses = {},
): number {
  const interfaces = type.networkInterfaces - (customNetworking ? 1 : 0);
  const slots = interfaces * (type.addressesPerInterface - 1);
  // Others get single addresses, whatever the CNI is told.
  if (!prefixDelegation || !type.nitro) return slots + HOST_PODS;
  return Math.min(slots * PREFIX_SIZE + HOST_PODS, type.vcpus > 30 ? 250 : 110);
}

/** What the kubelet keeps for itself and the rest of the system. */
export interface KubeReserved {
  readonly cpu: string;
  readonly memory: string;
  readonly "ephemeral-storage": string;
}

// Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go: parts of 10000 of the millicores in each range.
const CPU_STEPS = [
  { upTo: 1000, parts: 600 },
  { upTo: 2000, parts: 100 },
  { upTo: 4000, parts: 50 },
  { upTo: Infinity, parts: 25 },
] as const;

/** As nodeadm reckons it, but from the pods that there can be: nodeadm takes its own number, whatever maxPods says. */
export function kubeReserved(vcpus: number, pods: number): KubeReserved {
  const total = vcpus * 1000;
  let from = 0;
  let cpu = 0;
  for (const { upTo, parts } of CPU_STEPS) {
    cpu += Math.floor((Math.max(0, Math.min(total, upTo) - from) * parts) / 10000);
    from = upTo;
  }
  return { cpu: `${cpu}m`, memory: `${11 * pods + 255}Mi`, "ephemeral-storage": "1Gi" };
}
