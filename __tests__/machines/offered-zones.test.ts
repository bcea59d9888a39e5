import { TerraformOutput } from "cdktf";
import { OfferedZones } from "../../constructs/machines/offered-zones";
import { withoutHash } from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const zones = (count?: number): Synthesised =>
  synth((scope) => {
    const { names } = new OfferedZones(scope, "zone", {
      instanceTypes: ["t3.small", "t3.medium", "t3.small"],
      ...(count === undefined ? {} : { count }),
    });
    new TerraformOutput(scope, "names", { value: [...names] });
  });
const names = (stack: Synthesised): string[] =>
  (JSON.parse(stack.json) as { output: { names: { value: string[] } } }).output.names.value.map((name) =>
    name.replace(/_[0-9A-F]{8}/g, ""),
  );
const FOUND =
  "sort(setintersection(data.aws_availability_zones.zone_zones.names, data.aws_ec2_instance_type_offerings.zone_t3-small.locations, data.aws_ec2_instance_type_offerings.zone_t3-medium.locations))";

test("the zone is the first by name that offers every type and needs no opt-in", () => {
  expect(names(zones())).toEqual([`\${element(${FOUND}, 0)}`]);
  expect(Object.values(zones().data["aws_availability_zones"]!)[0]).toMatchObject({
    state: "available",
    filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  });
});

test("several zones are the first of them, in their order (F-28)", () => {
  expect(names(zones(2))).toEqual([`\${element(${FOUND}, 0)}`, `\${element(${FOUND}, 1)}`]);
});

test("AWS is asked once for each type", () => {
  expect(Object.keys(zones().data["aws_ec2_instance_type_offerings"]!)).toHaveLength(2);
});

test("a region with fewer such zones is refused at plan, rather than using one twice (F-28)", () => {
  const offerings = Object.entries(zones(3).data["aws_ec2_instance_type_offerings"]!);
  const conditional = offerings.filter(([, offering]) => "lifecycle" in offering);

  expect(conditional.map(([name]) => withoutHash(name))).toEqual(["zone_t3-medium"]);
  expect(JSON.parse(JSON.stringify(conditional[0]![1]).replace(/_[0-9A-F]{8}/g, ""))).toMatchObject({
    lifecycle: {
      postcondition: [
        {
          condition:
            "${length(setintersection(data.aws_ec2_instance_type_offerings.zone_t3-small.locations, self.locations, data.aws_availability_zones.zone_zones.names)) >= 3}",
          error_message:
            "availabilityZones: 3 zones must offer t3.small and t3.medium, and fewer of this region do; ask for fewer zones, or choose other instance types.",
        },
      ],
    },
  });
});
