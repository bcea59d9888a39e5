import { PrivateZone } from "../../constructs/network/private-zone";
import { all, only } from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const zone = (props: { zoneId?: string; writtenByOthers?: boolean } = {}): Synthesised =>
  synth((stack) => {
    const common = { clusterName: "corp", vpcId: "vpc-1", zone: "prod.corp.example", writtenByOthers: false };
    new PrivateZone(stack, "zone", { ...common, ...props }).alias("api", {
      ...{ dnsName: "corp-api.elb.eu-west-1.amazonaws.com", zoneId: "Z2IFOLAFXWLO4F" },
    });
  });

test("the zone is known to the VPC alone, and other VPCs may be let in by others (FT-91)", () => {
  expect(only(zone(), "aws_route53_zone")).toMatchObject({
    ...{ name: "prod.corp.example", vpc: [{ vpc_id: "vpc-1" }], lifecycle: { ignore_changes: ["vpc"] } },
  });
});

test("records of others keep a zone from being destroyed, unless they are known to be there (FT-91)", () => {
  expect(only(zone(), "aws_route53_zone")).not.toHaveProperty("force_destroy");
  expect(only(zone({ writtenByOthers: true }), "aws_route53_zone")).toMatchObject({ force_destroy: true });
});

test("a name leads to the balancer, whatever addresses that has (FT-91)", () => {
  expect(only(zone(), "aws_route53_record")).toMatchObject({
    ...{ name: "api.prod.corp.example", type: "A" },
    alias: { name: "corp-api.elb.eu-west-1.amazonaws.com", zone_id: "Z2IFOLAFXWLO4F", evaluate_target_health: false },
  });
});

test("of a zone that is there only records are made, once it is the one and private (FT-91, FT-86)", () => {
  const stack = zone({ zoneId: "Z0123456789ABC" });
  const [there] = Object.values(stack.data["aws_route53_zone"]!);

  expect(all(stack, "aws_route53_zone")).toEqual([]);
  expect(there).toMatchObject({
    zone_id: "Z0123456789ABC",
    lifecycle: {
      postcondition: [
        expect.objectContaining({ condition: '${trimsuffix(self.name, ".") == "prod.corp.example"}' }),
        expect.objectContaining({ condition: "${self.private_zone}" }),
      ],
    },
  });
});
