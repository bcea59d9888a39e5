// Source: docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (2026-08): under standard or extended support.
/** Minor versions that EKS runs, oldest first. */
export const EKS_VERSIONS = ["1.32", "1.33", "1.34", "1.35", "1.36"] as const;

/** The newest. */
export const DEFAULT_EKS_VERSION = "1.36";
