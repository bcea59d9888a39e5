/** What nodes of EKS run: Amazon Linux 2023 or 2, Bottlerocket, Ubuntu 24.04. */
export type NodeSystem = "al2023" | "al2" | "bottlerocket" | "ubuntu";
