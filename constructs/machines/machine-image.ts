import { DataAwsAmi } from "@cdktf/provider-aws/lib/data-aws-ami";
import { Construct } from "constructs";
import type { Architecture } from "../facts/release-files";

/** An operating system that the node scripts run on, as its publisher offers it. */
export interface OperatingSystem {
  readonly owner: string;
  /** Name of the image, with `*` where versions differ. */
  readonly name: (architecture: Architecture) => string;
  /** The user that the image lets in with the instance's key pair. */
  readonly user: string;
  /** Whether the image comes with the agent of AWS Systems Manager. @default false */
  readonly hasSsmAgent?: boolean;
}

// Owners: wiki.debian.org/Cloud/AmazonEC2Image (2026-08), documentation.ubuntu.com/aws (2026-08).
/** Debian 12: what the project's own tests run. */
export const DEBIAN_12: OperatingSystem = {
  owner: "136693071363",
  name: (arch) => `debian-12-${arch}-*`,
  user: "admin",
};
/** Ubuntu 24.04: the same scripts; not run by the project's tests. */
export const UBUNTU_2404: OperatingSystem = {
  owner: "099720109477",
  name: (arch) => `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${arch}-server-*`,
  user: "ubuntu",
  hasSsmAgent: true,
};

export interface MachineImageProps {
  readonly operatingSystem: OperatingSystem;
  readonly architecture: Architecture;
}

/** The newest image of an operating system, looked up by owner and name: never an id that ages. */
export class MachineImage extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, props: MachineImageProps) {
    super(scope, id);
    const { operatingSystem, architecture } = props;

    this.id = new DataAwsAmi(this, "Resource", {
      mostRecent: true,
      owners: [operatingSystem.owner],
      filter: [
        { name: "name", values: [operatingSystem.name(architecture)] },
        { name: "architecture", values: [architecture === "amd64" ? "x86_64" : "arm64"] },
        { name: "virtualization-type", values: ["hvm"] },
      ],
    }).id;
  }
}
