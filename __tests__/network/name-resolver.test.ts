import { TerraformOutput } from "cdktf";
import { NameResolver, type NameResolverSettings } from "../../constructs/network/name-resolver";
import { all, named, without } from "../support/resources";
import { addresses, synth, type Synthesised } from "../support/synth";

const subnet = (index: number) => ({
  ...{ id: `subnet-${index}`, cidr: `172.20.${index}.0/24`, availabilityZone: `eu-west-1${"abc"[index]}` },
});
let inbound: unknown;
const resolver = (settings: NameResolverSettings): Synthesised => {
  const synthesised = synth((stack) => {
    const made = new NameResolver(stack, "resolver", {
      ...{ clusterName: "corp", vpcId: "vpc-1", subnets: [subnet(0), subnet(1)], after: [], ...settings },
    });
    new TerraformOutput(stack, "seen", { value: made.inboundAddresses });
  });
  inbound = (JSON.parse(synthesised.json) as { output: { seen: { value: unknown } } }).output.seen.value;
  return synthesised;
};

test("the inbound endpoint has an address in each zone, and is asked from the blocks that are named (FT-92, F-35)", () => {
  const stack = resolver({ inboundFrom: ["10.1.0.0/16", "10.2.0.0/16"] });
  const endpoint = named(stack, "aws_route53_resolver_endpoint")["resolver_inbound"];

  expect(endpoint).toMatchObject({
    ...{ direction: "INBOUND", ip_address: [{ subnet_id: "subnet-0" }, { subnet_id: "subnet-1" }] },
  });
  expect(
    all(stack, "aws_vpc_security_group_ingress_rule")
      .map((rule) => `${rule.cidr_ipv4} ${rule.ip_protocol} ${rule.from_port}-${rule.to_port}`)
      .sort(),
  ).toEqual(["10.1.0.0/16 tcp 53-53", "10.1.0.0/16 udp 53-53", "10.2.0.0/16 tcp 53-53", "10.2.0.0/16 udp 53-53"]);
  expect(inbound).toMatch(/^\$\{sort\(aws_route53_resolver_endpoint\.resolver_inbound_\w+\.ip_address\[\*\]\.ip\)\}$/);
});

test("names of the other side are asked of its name servers, for the VPC, and nothing else gets out (FT-92)", () => {
  const stack = resolver({ forward: { "corp.example": ["10.1.0.53", "10.1.0.54"], "old.example": ["10.1.0.53"] } });

  expect(named(stack, "aws_route53_resolver_rule")["resolver_forward-corp-example"]).toMatchObject({
    ...{ name: "corp-corp-example", domain_name: "corp.example", rule_type: "FORWARD" },
    target_ip: [{ ip: "10.1.0.53" }, { ip: "10.1.0.54" }],
  });
  expect(all(stack, "aws_route53_resolver_rule_association").map(({ vpc_id }) => vpc_id)).toEqual(["vpc-1", "vpc-1"]);
  expect(
    all(stack, "aws_vpc_security_group_egress_rule")
      .map((rule) => `${rule.cidr_ipv4} ${rule.ip_protocol}`)
      .sort(),
  ).toEqual(["10.1.0.53/32 tcp", "10.1.0.53/32 udp", "10.1.0.54/32 tcp", "10.1.0.54/32 udp"]);
  expect(inbound).toEqual([]);
});

test("a direction that nobody asks for is not made", () => {
  expect(addresses(resolver({})).join()).toBe("");
});

test("a block or server that goes takes its own rules with it, and changes none of the others' (FT-92, FT-59)", () => {
  const both = resolver({
    inboundFrom: ["10.1.0.0/16", "10.2.0.0/16"],
    forward: { "corp.example": ["10.1.0.53", "10.1.0.54"] },
  });
  const fewer = resolver({ inboundFrom: ["10.2.0.0/16"], forward: { "corp.example": ["10.1.0.54"] } });

  for (const [type, gone] of [
    ["aws_vpc_security_group_ingress_rule", ["resolver_inbound-tcp-10-1-0-0-16", "resolver_inbound-udp-10-1-0-0-16"]],
    ["aws_vpc_security_group_egress_rule", ["resolver_outbound-tcp-10-1-0-53", "resolver_outbound-udp-10-1-0-53"]],
  ] as const)
    expect(named(fewer, type)).toEqual(without(named(both, type), ...gone));
  expect(Object.keys(named(fewer, "aws_vpc_security_group_egress_rule")).sort()).toEqual([
    "resolver_outbound-tcp-10-1-0-54",
    "resolver_outbound-udp-10-1-0-54",
  ]);
});
