import { DataAwsEksAddonVersion } from "@cdktf/provider-aws/lib/data-aws-eks-addon-version";
import { EksAddon } from "@cdktf/provider-aws/lib/eks-addon";
import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

/** Software that EKS installs in the cluster. */
export interface Addon {
  /** Such as `v1.21.1-eksbuild.1`. @default - the one that EKS names for the Kubernetes version when the add-on comes, kept for as long as that version is */
  readonly version?: string;
  /** Its settings, by the schema of `aws eks describe-addon-configuration`. @default - its own */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** ARNs of roles, by the service accounts that get them through Pod Identity. @default - none */
  readonly podIdentities?: Readonly<Record<string, string>>;
}

export interface AddonsProps {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly addons: Readonly<Record<string, Addon>>;
  readonly after: readonly TerraformResource[];
}

/** Add-ons of a cluster, each of one version. */
export class Addons extends Construct {
  readonly ready: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: AddonsProps) {
    super(scope, id);
    const { clusterName, kubernetesVersion, addons, after } = props;

    this.ready = Object.entries(addons).map(([addonName, { version, configuration, podIdentities = {} }]) => {
      const identities = Object.entries(podIdentities);
      return new EksAddon(this, addonName, {
        clusterName,
        addonName,
        addonVersion: version ?? this.pinned(addonName, kubernetesVersion),
        // What is there of the same name was EKS's own; what someone changed since stays until the next version.
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "PRESERVE",
        ...(configuration === undefined ? {} : { configurationValues: JSON.stringify(configuration) }),
        ...(identities.length === 0
          ? {}
          : { podIdentityAssociation: identities.map(([serviceAccount, roleArn]) => ({ serviceAccount, roleArn })) }),
        dependsOn: [...after],
      });
    });
  }

  /** What EKS names changes from week to week, and no plan shall change a cluster that nobody has changed. */
  private pinned(addonName: string, kubernetesVersion: string): string {
    const { version } = new DataAwsEksAddonVersion(this, `${addonName}-version`, { addonName, kubernetesVersion });
    const pin = new NullResource(this, `${addonName}-pin`, {
      triggers: { kubernetes: kubernetesVersion, version },
      lifecycle: { ignoreChanges: ['triggers["version"]'] },
    });
    return pin.getStringAttribute('triggers["version"]');
  }
}
