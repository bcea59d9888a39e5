import type { EksSettings } from "./eks-settings";
import { ofGroups } from "./eks-groups";
import type { Rule } from "./rule";

/** Whether Terraform would read a part of the text as an expression: `$${` and `%%{` are how it takes the signs themselves. */
const isExpression = (text: string): boolean => /(^|[^$])\$\{|(^|[^%])%\{/.test(text);

/** Add-ons, and what reaches nodes and the cluster as it was written. */
export const EKS_TEXT_RULES: readonly Rule<EksSettings>[] = [
  {
    id: "addon-version",
    of: ({ addons }) =>
      Object.fromEntries(Object.entries(addons).map(([name, { version }]) => [`addons.${name}.version`, version])),
    accepts: (version: string) => /^v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+$/.test(version),
    must: "must be one version of an add-on as EKS writes them: neither a range nor the newest",
    cure: "write it as in v1.21.1-eksbuild.1, or leave it out for the one that EKS names for the Kubernetes version",
    breaks: (good) => ({ ...good, addons: { "vpc-cni": { version: "latest" } } }),
  },
  {
    id: "plain-text",
    of: (settings) => ({
      ...ofGroups(settings, "kubelet", ({ kubelet }) => kubelet),
      ...Object.fromEntries(
        Object.entries(settings.addons).map(([name, { configuration }]) => [
          `addons.${name}.configuration`,
          configuration,
        ]),
      ),
      "access.roles and access.users": [...settings.mappedRoles, ...settings.mappedUsers].map(({ groups }) => groups),
    }),
    accepts: (value: unknown) => !isExpression(JSON.stringify(value)),
    must: "must have no ${ or %{, which Terraform would read as an expression of its own and not hand on",
    cure: "write $${ or %%{ for the signs themselves, or give a value of Terraform as CDKTF does, not as text",
    breaks: (good) => ({ ...good, addons: { coredns: { configuration: { corefile: "log ${name}" } } } }),
  },
];
