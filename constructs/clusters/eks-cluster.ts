import { Construct } from "constructs";
import { EKS_RULES } from "../rules/eks-rules";
import { problemsOf, refuse } from "../rules/rule";
import type * as Parts from "./eks-parts";
import { eksSettings, type EksClusterProps } from "./eks-props";
import type { PrivateDnsOutputs } from "./private-network";

/**
 * Kubernetes on EKS, as `eksctl create cluster` makes it: network, control plane, nodes, add-ons, and aws-auth, so that an
 * apply ends with every node Ready.
 *
 * @throws Error with every problem of the props at once.
 */
export class EksCluster extends Construct {
  readonly clusterName: string;
  /** URL of the API. */
  readonly endpoint: string;
  /** For people who have the aws command, which fetches a token at each call: no secret. */
  readonly kubeconfig: string;
  /** The command that writes such a kubeconfig. */
  readonly updateKubeconfig: string;
  /** ARN of the role of nodes that join by themselves, as aws-auth has it. */
  readonly nodeRoleArn: string | undefined;
  /** ARN in IAM of the issuer of the cluster's tokens, where there is one. */
  readonly oidcProviderArn: string | undefined;
  readonly privateDns: PrivateDnsOutputs;

  constructor(scope: Construct, id: string, props: EksClusterProps) {
    super(scope, id);
    const settings = eksSettings(props);
    refuse(`EKS cluster '${id}'`, problemsOf(EKS_RULES, settings));

    // Loaded by those who make such a cluster alone: its resources are as much again as all of the hard way's.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { eksParts } = require("./eks-parts") as typeof Parts;
    const parts = eksParts(this, settings, props);
    this.clusterName = parts.clusterName;
    this.endpoint = parts.endpoint;
    this.kubeconfig = parts.kubeconfig;
    this.updateKubeconfig = parts.updateKubeconfig;
    this.nodeRoleArn = parts.nodeRoleArn;
    this.oidcProviderArn = parts.oidcProviderArn;
    this.privateDns = parts.privateDns;
  }
}
