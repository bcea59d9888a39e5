import { Token, ref } from "cdktf";
import { Machines, type MachinesProps } from "../../constructs/machines/machines";
import { all, named, resources, withoutHash } from "../support/resources";
import { synth } from "../support/synth";

const machines = (props: Partial<MachinesProps> = {}) =>
  synth(
    (stack) =>
      void new Machines(stack, "worker", {
        name: "worker",
        count: 3,
        instanceType: "t3.small",
        architecture: "amd64",
        firstHost: 20,
        imageId: "ami-0a",
        subnets: [{ id: "subnet-0a", cidr: "10.240.0.0/24", availabilityZone: "eu-west-1a" }],
        securityGroupId: "sg-0a",
        keyName: "blue",
        instanceProfile: "blue-worker",
        ...props,
      }),
  );

test("machines have fixed addresses, one after the other (FT-15)", () => {
  expect(all(machines(), "aws_instance").map(({ private_ip }) => private_ip as string)).toEqual([
    "10.240.0.20",
    "10.240.0.21",
    "10.240.0.22",
  ]);
});

test("machines are named by their number (FT-14)", () => {
  const names = all(machines({ name: "controller" }), "aws_instance").map(
    ({ tags }) => (tags as { Name: string }).Name,
  );

  expect(names).toEqual(["controller-0", "controller-1", "controller-2"]);
});

test("a machine's host name is its name, and stays (FT-14, FT-27)", () => {
  expect(all(machines(), "aws_instance")[1]!.user_data).toMatch(
    /^#cloud-config\nhostname: worker-1\npreserve_hostname: false\nssh_deletekeys: true\n/,
  );
});

test("no machine checks that packets are its own, since pods have other addresses (FT-16, F-04)", () => {
  expect(all(machines(), "aws_instance").map(({ source_dest_check }) => source_dest_check as boolean)).toEqual([
    false,
    false,
    false,
  ]);
});

test("metadata is to be had with a token only, and not from pods", () => {
  expect(all(machines(), "aws_instance")[0]!.metadata_options).toEqual({
    http_endpoint: "enabled",
    http_tokens: "required",
    http_put_response_hop_limit: 1,
  });
});

test("the root volume is encrypted and 50 GiB", () => {
  expect(all(machines(), "aws_instance")[0]!.root_block_device).toEqual({
    encrypted: true,
    volume_size: 50,
    volume_type: "gp3",
  });
});

test("the root volume is as large as asked", () => {
  expect(all(machines({ rootVolumeGiB: 200 }), "aws_instance")[0]!.root_block_device).toMatchObject({
    volume_size: 200,
  });
});

test("a machine lies in the subnet, the group, the profile and the key that are given (FT-14)", () => {
  expect(all(machines(), "aws_instance")[0]).toMatchObject({
    ami: "ami-0a",
    subnet_id: "subnet-0a",
    vpc_security_group_ids: ["sg-0a"],
    iam_instance_profile: "blue-worker",
    key_name: "blue",
    associate_public_ip_address: true,
  });
});

test("neither a newer image, nor the public address that a stopped machine lacks, nor user data replaces or stops it", () => {
  expect(all(machines(), "aws_instance")[0]!.lifecycle).toEqual({
    ignore_changes: ["ami", "associate_public_ip_address", "user_data"],
  });
});

test("AWS is asked at plan whether the type is large enough, and the answer names it (FT-18, F-03)", () => {
  const type = Object.values(machines({ instanceType: "t3.nano" }).data["aws_ec2_instance_type"]!)[0]!;

  expect(type).toMatchObject({
    instance_type: "t3.nano",
    lifecycle: {
      postcondition: [
        {
          condition: "${self.default_vcpus >= 2 && self.memory_size >= 2048}",
          error_message:
            "worker: t3.nano must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves; use t3.small or larger.",
        },
        {
          condition: '${contains(self.supported_architectures, "x86_64")}',
          error_message:
            "worker: t3.nano must run amd64, which the image and the downloads are for; choose another type, or the other architecture.",
        },
      ],
    },
  });
});

test("every machine is of the type that AWS was asked about, so none is made before the answer (FT-18, F-03)", () => {
  const types = all(machines(), "aws_instance").map(({ instance_type }) => instance_type as string);

  expect(types.map((type) => type.replace(/_[0-9A-F]{8}/, ""))).toEqual(
    Array(3).fill("${data.aws_ec2_instance_type.worker_type.instance_type}"),
  );
});

test("growing and shrinking leaves the machines before as they were (FT-15)", () => {
  const [three, five] = [machines(), machines({ count: 5 })].map((stack) => resources(stack, "aws_instance"));

  expect(five).toMatchObject(three!);
  expect(Object.keys(five!).map(withoutHash).sort()).toEqual([
    "worker_0",
    "worker_1",
    "worker_2",
    "worker_3",
    "worker_4",
  ]);
});

test("fails for addresses outside the subnet", () => {
  expect(() => machines({ firstHost: 254 })).toThrow("address 256 is outside 10.240.0.0/24");
});

test("machines take the zones in turn, each at its own number in its zone's subnet (FT-15, F-28)", () => {
  const subnets = ["a", "b"].map((zone, index) => ({
    id: `subnet-${zone}`,
    cidr: `10.240.0.${128 * index}/25`,
    availabilityZone: `eu-west-1${zone}`,
  }));
  const found = all(machines({ subnets }), "aws_instance").map(({ subnet_id, private_ip }) => [subnet_id, private_ip]);

  expect(found).toEqual([
    ["subnet-a", "10.240.0.20"],
    ["subnet-b", "10.240.0.149"],
    ["subnet-a", "10.240.0.22"],
  ]);
});

test("one machine is one instance", () => {
  expect(Object.keys(named(machines({ count: 1 }), "aws_instance"))).toEqual(["worker_0"]);
});

test("a type that one of the machines' zones lacks is refused at plan, also where the zones were chosen without it (F-28)", () => {
  const ZONE_OF_B = Token.asString(ref("aws_subnet.b.availability_zone"));
  const subnet = (zone: string) => ({ id: `subnet-${zone}`, cidr: "10.240.0.0/25", availabilityZone: zone });
  const offered = (count: number) => {
    const stack = machines({ count, subnets: [subnet("eu-west-1a"), subnet(ZONE_OF_B)] });
    return Object.values(stack.data["aws_ec2_instance_type_offerings"]!)[0] as {
      lifecycle: { postcondition: { condition: string }[] };
    };
  };

  expect(offered(2)).toMatchObject({
    location_type: "availability-zone",
    filter: [{ name: "instance-type", values: ["t3.small"] }],
  });
  expect(offered(2).lifecycle.postcondition[0]!.condition).toBe(
    '${length(setsubtract(["eu-west-1a", aws_subnet.b.availability_zone], self.locations)) == 0}',
  );
  expect(offered(1).lifecycle.postcondition[0]!.condition).toBe(
    '${length(setsubtract(["eu-west-1a"], self.locations)) == 0}',
  );
});
