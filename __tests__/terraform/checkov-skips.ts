/** Checks of checkov that the plan of a default cluster fails, each for a reason. docs/security.md has the same list. */
export const CHECKOV_SKIPS: Readonly<Record<string, string>> = {
  CKV_AWS_88:
    'machines of `topology: "public"` have public addresses, which Terraform logs in at; those of `"private"` have none',
  CKV_AWS_91: "a network load balancer logs only listeners of TLS, and this one leaves TLS to the API servers",
  CKV_AWS_126: "metrics by the minute are paid for by machine; those of kubelet and the control plane are finer",
  CKV_AWS_135: "t3 and every later type is EBS-optimised whether asked for or not, and older ones refuse to be asked",
  CKV_AWS_150: "`terraform destroy` has to end, and the machines behind the balancer are no better protected",
  CKV2_AWS_11: "flow logs are paid for by volume, and who wants them chooses where they go",
};
