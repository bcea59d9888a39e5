import type { Architecture } from "../../constructs/facts/release-files";
import { DEBIAN_12, MachineImage, UBUNTU_2404, type OperatingSystem } from "../../constructs/machines/machine-image";
import { synth } from "../support/synth";

const lookUp = (operatingSystem: OperatingSystem, architecture: Architecture) =>
  Object.values(
    synth((stack) => void new MachineImage(stack, "image", { operatingSystem, architecture })).data["aws_ami"]!,
  )[0]!;

test.each<[string, OperatingSystem, Architecture, string, string, string]>([
  ["Debian 12", DEBIAN_12, "amd64", "136693071363", "debian-12-amd64-*", "x86_64"],
  ["Debian 12", DEBIAN_12, "arm64", "136693071363", "debian-12-arm64-*", "arm64"],
  [
    "Ubuntu 24.04",
    UBUNTU_2404,
    "amd64",
    "099720109477",
    "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*",
    "x86_64",
  ],
  [
    "Ubuntu 24.04",
    UBUNTU_2404,
    "arm64",
    "099720109477",
    "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*",
    "arm64",
  ],
])(
  "%s is looked up by owner, name and architecture: example %# (FT-17)",
  (_, system, architecture, owner, name, amiArchitecture) => {
    expect(lookUp(system, architecture)).toEqual({
      most_recent: true,
      owners: [owner],
      filter: [
        { name: "name", values: [name] },
        { name: "architecture", values: [amiArchitecture] },
        { name: "virtualization-type", values: ["hvm"] },
      ],
    });
  },
);

test.each([
  ["Debian", DEBIAN_12, "admin"],
  ["Ubuntu", UBUNTU_2404, "ubuntu"],
])("the login user of %s is known with it (FT-19)", (_, system, user) => {
  expect(system.user).toBe(user);
});
