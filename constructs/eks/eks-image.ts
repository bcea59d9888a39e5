import { DataAwsSsmParameter } from "@cdktf/provider-aws/lib/data-aws-ssm-parameter";
import { Construct } from "constructs";
import type { Architecture } from "../facts/release-files";

export interface EksImageProps {
  readonly kubernetesVersion: string;
  readonly architecture: Architecture;
}

/** The newest image that EKS publishes for nodes of a Kubernetes version: Amazon Linux 2023. */
export class EksImage extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, props: EksImageProps) {
    super(scope, id);
    const architecture = props.architecture === "arm64" ? "arm64" : "x86_64";

    // Source: docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html.
    const path = `optimized-ami/${props.kubernetesVersion}/amazon-linux-2023/${architecture}/standard/recommended/image_id`;
    // Public, so that nothing is hidden in the plan.
    this.id = new DataAwsSsmParameter(this, "Resource", { name: `/aws/service/eks/${path}` }).insecureValue;
  }
}
