import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { LocalBackend, S3Backend, TerraformOutput, TerraformStack, TerraformVariable, type App } from "cdktf";
import { Construct } from "constructs";
import { validationOf, type Rule } from "../constructs";

/** What a stack becomes: Terraform to apply, or a module that other Terraform calls with a name and its own providers. */
export type Form = "root" | "module";

/** A stack with one cluster: its state, its providers, and what a pipeline varies. */
export class ClusterStack<Settings> extends TerraformStack {
  readonly clusterName: string;
  // A scope of their own, since an output may be called as a variable is.
  private readonly outputs = new Construct(this, "outputs");

  constructor(
    app: App,
    private readonly name: string,
    private readonly rules: readonly Rule<Settings>[],
    form: Form = "root",
  ) {
    super(app, name);
    if (form === "module") {
      this.clusterName = this.variable("cluster_name", "string", {
        meaning: "names everything of the cluster in AWS",
        changing: "replaces everything",
      }).stringValue;
      // Only for the versions that the module requires: backend and providers are the caller's, and are taken out.
      new LocalBackend(this, { path: "terraform.tfstate" });
      new AwsProvider(this, "aws");
    } else {
      this.clusterName = name;
      this.backend();
      const region = this.variable("region", "string", {
        meaning: "AWS region, such as eu-west-1",
        changing: "makes another cluster there; destroy this one first",
      });
      new AwsProvider(this, "aws", { region: region.stringValue });
    }
    new NullProvider(this, "null");
  }

  /** A Terraform variable; without a value it has to be given. `changing` is what a change of it does to a cluster. */
  variable<Default>(
    name: string,
    type: string,
    { meaning, changing }: { readonly meaning: string; readonly changing: string },
    value?: Default,
  ): TerraformVariable {
    const description = `${meaning}. Changing it ${changing}.`;
    const validation = validationOf(this.rules, name);
    const made = new TerraformVariable(this, name, { type, description, nullable: false, validation });
    // As an override, since CDKTF would write the keys of a default map in snake case.
    if (value !== undefined) made.addOverride("default", value);
    return made;
  }

  output(name: string, value: unknown, sensitive = false): void {
    new TerraformOutput(this.outputs, name, { value, staticId: true, ...(sensitive ? { sensitive } : {}) });
  }

  /** A backend takes no Terraform variable, so these are read here: STATE_BUCKET=… STATE_REGION=… npm run synth */
  private backend(): void {
    const { STATE_BUCKET: bucket, STATE_REGION, STATE_FOLDER, STATE_KMS_KEY } = process.env;
    if (!bucket) {
      new LocalBackend(this, { path: "terraform.tfstate" });
      return;
    }
    if (!STATE_REGION)
      throw new Error(`STATE_BUCKET ${bucket} needs STATE_REGION: name the bucket's region, such as eu-west-1`);
    const state = new S3Backend(this, {
      bucket,
      region: STATE_REGION,
      key: `${STATE_FOLDER ? `${STATE_FOLDER}/` : ""}${this.name}/terraform.tfstate`,
      encrypt: true,
      ...(STATE_KMS_KEY ? { kmsKeyId: STATE_KMS_KEY } : {}),
    });
    // Newer than CDKTF: two applies at once are kept apart by a file beside the state. Terraform 1.10.
    state.addOverride("use_lockfile", true);
  }
}
