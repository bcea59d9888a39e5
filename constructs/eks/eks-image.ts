import { DataAwsSsmParameter } from "@cdktf/provider-aws/lib/data-aws-ssm-parameter";
import { Construct } from "constructs";
import type { Architecture } from "../facts/release-files";
import type { NodeSystem } from "../facts/node-systems";

export interface EksImageProps {
  readonly kubernetesVersion: string;
  readonly architecture: Architecture;
  readonly system: NodeSystem;
}

// Sources: docs.aws.amazon.com/eks/latest/userguide, retrieve-ami-id and retrieve-ami-id-bottlerocket; documentation.ubuntu.com/aws.
const PARAMETERS: Readonly<Record<Exclude<NodeSystem, "al2">, (version: string, arm: boolean) => string>> = {
  al2023: (version, arm) =>
    `eks/optimized-ami/${version}/amazon-linux-2023/${arm ? "arm64" : "x86_64"}/standard/recommended/image_id`,
  bottlerocket: (version, arm) => `bottlerocket/aws-k8s-${version}/${arm ? "arm64" : "x86_64"}/latest/image_id`,
  ubuntu: (version, arm) =>
    `canonical/ubuntu/eks/24.04/${version}/stable/current/${arm ? "arm64" : "amd64"}/hvm/ebs-gp3/ami-id`,
};

/** The newest image that is published for nodes of a Kubernetes version. */
export class EksImage extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, props: EksImageProps) {
    super(scope, id);
    const { kubernetesVersion, architecture, system } = props;
    if (system === "al2") throw new Error("no image of Amazon Linux 2 is published any more; name one of yours");

    const path = PARAMETERS[system](kubernetesVersion, architecture === "arm64");
    // Public, so that nothing is hidden in the plan.
    this.id = new DataAwsSsmParameter(this, "Resource", { name: `/aws/service/${path}` }).insecureValue;
  }
}
