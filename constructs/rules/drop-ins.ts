import type { HardWaySettings } from "./hard-way-settings";
import type { Rule } from "./rule";

// Fields that other machines, certificates or the CIS benchmark count on; readOnlyPort and the like open the node.
const OURS = [
  "apiVersion",
  "kind",
  "authentication",
  "authorization",
  "cgroupDriver",
  "clusterDNS",
  "clusterDomain",
  "containerRuntimeEndpoint",
  "enableDebugFlagsHandler",
  "enableProfilingHandler",
  "makeIPTablesUtilChains",
  "podCIDR",
  "protectKernelDefaults",
  "readOnlyPort",
  "registerNode",
  "registerWithTaints",
  "rotateCertificates",
  "seccompDefault",
  "serverTLSBootstrap",
  "staticPodURL",
  "streamingConnectionIdleTimeout",
  "tlsCertFile",
  "tlsCipherSuites",
  "tlsMinVersion",
  "tlsPrivateKeyFile",
];

/** Settings that people put over the library's own, in files of kubelet and containerd. */
export const DROP_IN_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "kubelet-configuration",
    of: ({ kubeletConfiguration }) =>
      Object.fromEntries(Object.keys(kubeletConfiguration).map((field) => [`kubeletConfiguration.${field}`, field])),
    accepts: (field: string) => /^[a-z][A-Za-z]*$/.test(field) && !OURS.includes(field),
    must: "must be a field of KubeletConfiguration that the library does not keep: identity, addresses and what protects the node are its own",
    cure: "leave it out",
    breaks: (good) => ({ ...good, kubeletConfiguration: { readOnlyPort: 10255 } }),
  },
  {
    id: "containerd-configuration",
    of: ({ containerdConfiguration }) => ({ containerdConfiguration: containerdConfiguration || undefined }),
    accepts: (toml: string) => /^version *= *3$/m.test(toml) && !/^ *(imports|root|state) *=/m.test(toml),
    must: "must be TOML of version 3, without imports, root and state, which the library keeps",
    cure: "begin it with the line version = 3",
    breaks: (good) => ({ ...good, containerdConfiguration: "[debug]\nlevel = 'debug'\n" }),
  },
];
