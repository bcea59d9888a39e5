// Source: eksctl, pkg/az/az.go; docs.aws.amazon.com/eks/latest/userguide/network-reqs.html, "Subnet requirements for clusters".
/** Zones, by id, into which EKS puts no control plane. */
export const EKS_EXCLUDED_ZONES = ["use1-az3", "usw1-az2", "cac1-az3"] as const;
