import { MachineRole } from "../../constructs/machines/machine-role";
import { all, named, only, references } from "../support/resources";
import { synth } from "../support/synth";

const role = (policyArns?: Record<string, string>) =>
  synth(
    (stack) => void new MachineRole(stack, "role", { namePrefix: "blue-worker-", ...(policyArns && { policyArns }) }),
  );

test("EC2 of the partition may take on the role", () => {
  const [document] = Object.values(role().data["aws_iam_policy_document"]!);
  const { statement } = document as { statement: { actions: string[]; principals: { identifiers: string[] }[] }[] };

  expect(statement.map(({ actions }) => actions)).toEqual([["sts:AssumeRole"]]);
  expect(statement[0]!.principals[0]!.identifiers[0]).toMatch(/^ec2\.\$\{data\.aws_partition\.[^}]+\.dns_suffix\}$/);
});

test("role and profile have names of their own, since all regions share one set of them", () => {
  expect(["aws_iam_role", "aws_iam_instance_profile"].map((type) => only(role(), type).name_prefix as string)).toEqual([
    "blue-worker-",
    "blue-worker-",
  ]);
});

test("the profile is of the role", () => {
  expect(references(only(role(), "aws_iam_instance_profile"))).toEqual([expect.stringMatching(/^aws_iam_role\.role_/)]);
});

test("a node of the hard way may do nothing in AWS", () => {
  expect(all(role(), "aws_iam_role_policy_attachment")).toEqual([]);
});

test("policies that are named are attached", () => {
  const stack = role({ "read-registry": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly" });

  expect(Object.keys(named(stack, "aws_iam_role_policy_attachment"))).toEqual(["role_policy-read-registry"]);
  expect(only(stack, "aws_iam_role_policy_attachment").policy_arn).toBe(
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
  );
});
