import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { Construct } from "constructs";

/** The region of the provider. */
export class CurrentRegion extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.name = new DataAwsRegion(this, "Resource").name;
  }
}
