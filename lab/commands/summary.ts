import type { StackJson } from "../terraform/workspace";

const PARTS: readonly (readonly [label: string, type: string])[] = [
  ["VPC", "aws_vpc"],
  ["subnet", "aws_subnet"],
  ["route", "aws_route"],
  ["security group", "aws_security_group"],
  ["network load balancer", "aws_lb"],
  ["machine", "aws_instance"],
  ["certificate", "tls_locally_signed_cert"],
  ["bootstrap stage on a machine", "null_resource"],
];

/** Where AWS runs the control plane. */
const EKS_PARTS: typeof PARTS = [
  ["VPC", "aws_vpc"],
  ["subnet", "aws_subnet"],
  ["security group", "aws_security_group"],
  ["EKS cluster", "aws_eks_cluster"],
  ["Auto Scaling group", "aws_autoscaling_group"],
  ["managed node group", "aws_eks_node_group"],
  ["add-on", "aws_eks_addon"],
];

/** What a stack will build, in a few lines for people. */
export function summary(stack: StackJson): string[] {
  const total = Object.values(stack.resource).reduce((sum, resources) => sum + Object.keys(resources).length, 0);
  const eks = stack.resource["aws_eks_cluster"] !== undefined;
  const parts = (eks ? EKS_PARTS : PARTS).map(([label, type]) => {
    const count = Object.keys(stack.resource[type] ?? {}).length;
    return `${count} ${label}${count === 1 ? "" : "s"}`.replace("stage on a machines", "stages on machines");
  });
  const machines = Object.values(stack.resource["aws_instance"] ?? {}) as unknown as {
    private_ip: string;
    instance_type: unknown;
    tags: { Name: string };
  }[];
  return [
    `to be built: ${total} Terraform resources, among them`,
    `  ${parts.join(", ")}`,
    ...machines.map(({ tags, private_ip }) => `  ${tags.Name.padEnd(14)} ${private_ip}`),
  ];
}
