import { TerraformOutput } from "cdktf";
import { OfferedZone } from "../../constructs/machines/offered-zone";
import { synth } from "../support/synth";

const stack = synth((scope) => {
  const zone = new OfferedZone(scope, "zone", { instanceTypes: ["t3.small", "t3.medium", "t3.small"] });
  new TerraformOutput(scope, "name", { value: zone.name });
});

test("the zone is the first by name that offers every type and needs no opt-in", () => {
  const { output } = JSON.parse(stack.json) as { output: { name: { value: string } } };

  expect(output.name.value.replace(/_[0-9A-F]{8}/g, "")).toBe(
    "${element(sort(setintersection(data.aws_availability_zones.zone_zones.names, data.aws_ec2_instance_type_offerings.zone_t3-small.locations, data.aws_ec2_instance_type_offerings.zone_t3-medium.locations)), 0)}",
  );
  expect(Object.values(stack.data["aws_availability_zones"]!)[0]).toMatchObject({
    state: "available",
    filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  });
});

test("AWS is asked once for each type", () => {
  expect(Object.keys(stack.data["aws_ec2_instance_type_offerings"]!)).toHaveLength(2);
});
