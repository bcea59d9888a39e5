import type { Addon } from "../eks/addons";
import { eksSettings, type EksClusterProps } from "./eks-props";

/** A node is of no use before it has them, and CoreDNS waits for nodes. */
export const BEFORE_NODES = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"];

/** The add-ons, with those that a node cannot do without. */
export function addonsOf(
  props: EksClusterProps,
  where: { readonly region: string; readonly nodeGroupId: string; readonly cniRoleArn?: string | undefined },
): Readonly<Record<string, Addon>> {
  const { addons = {}, podIdentities = {} } = props;
  const { cniRoleArn } = where;
  const agent =
    cniRoleArn !== undefined ||
    props.privateDns?.externalDns === true ||
    Object.keys(podIdentities).length > 0 ||
    Object.values(addons).some((addon) => addon !== false && addon.podIdentities !== undefined);
  const all: Record<string, Addon | false> = {
    ...{ "vpc-cni": {}, "kube-proxy": {}, coredns: {} },
    ...(agent ? { "eks-pod-identity-agent": {} } : {}),
    ...addons,
  };
  const cni = all["vpc-cni"];
  const configuration = cniConfiguration(props, where);
  if (cni)
    all["vpc-cni"] = {
      ...cni,
      ...(Object.keys(configuration).length === 0 ? {} : { configuration: { ...configuration, ...cni.configuration } }),
      ...(cniRoleArn === undefined ? {} : { podIdentities: { "aws-node": cniRoleArn } }),
    };
  // By itself it asks for nodes, and there are none.
  const { coredns } = all;
  if (coredns && props.fargateProfiles !== undefined && Object.keys(eksSettings(props).groups).length === 0)
    all["coredns"] = { ...coredns, configuration: { computeType: "Fargate", ...coredns.configuration } };
  return Object.fromEntries(Object.entries(all).flatMap(([name, addon]) => (addon === false ? [] : [[name, addon]])));
}

// Source: aws eks describe-addon-configuration, vpc-cni; github.com/aws/amazon-vpc-cni-k8s, "CNI Configuration Variables".
function cniConfiguration(
  { prefixDelegation = false, podSubnets }: EksClusterProps,
  { region, nodeGroupId }: { readonly region: string; readonly nodeGroupId: string },
): Readonly<Record<string, unknown>> {
  const env = {
    ...(prefixDelegation ? { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" } : {}),
    ...(podSubnets === undefined
      ? {}
      : { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", ENI_CONFIG_LABEL_DEF: "topology.kubernetes.io/zone" }),
  };
  if (Object.keys(env).length === 0) return {};
  if (podSubnets === undefined) return { env };
  const subnets = Object.entries(podSubnets).map(([zone, id]) => [zone, { id, securityGroups: [nodeGroupId] }]);
  return { env, eniConfig: { create: true, region, subnets: Object.fromEntries(subnets) as object } };
}
