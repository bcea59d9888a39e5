/** Good settings of a private cluster, for the examples of its rules. */
export const PRIVATE = {
  topology: "private",
  apiExposure: "internal",
  sshAddress: "private",
  downloadMirror: "http://10.240.0.4",
  imageMirror: "http://10.240.0.4",
  packageMirror: "http://10.240.0.4/debian",
} as const;
