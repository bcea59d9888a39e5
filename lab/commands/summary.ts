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

/** What a stack will build, in a few lines for people. */
export function summary(stack: StackJson): string[] {
  const total = Object.values(stack.resource).reduce((sum, resources) => sum + Object.keys(resources).length, 0);
  const parts = PARTS.map(([label, type]) => {
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
