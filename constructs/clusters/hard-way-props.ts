import type { ExtraArguments } from "../facts/component-flags";
import type { Architecture } from "../facts/release-files";
import type { ContainerRegistrySettings } from "../machines/container-registry";
import type { NodeLogsSettings } from "../machines/node-logs";
import type { OperatingSystem } from "../machines/machine-image";
import type { ApiExposure, HealthCheck } from "../network/api-load-balancer";
import type { FlowLogsSettings } from "../network/flow-logs";
import type { ExistingNetworkSettings } from "../network/existing-network";
import type { FirewallRule } from "../network/firewall-rules";
import type { Nat } from "../network/nat-gateways";
import type { Topology } from "../network/network";
import type { PodNetwork } from "../network/pod-network";
import type { Proxy } from "../network/proxy";
import type { CertificateSettings } from "../pki/certificate-authority";
import type { Taint } from "../rules/hard-way-settings";
import type { PrivateNetworkProps } from "./private-network-props";
import type { Ssh } from "./ssh-props";

export interface MachineGroup {
  /** @default 3 */
  readonly count?: number;
  /** At least 2 vCPUs and 2 GiB. @default 't3.small' */
  readonly instanceType?: string;
  /** Number of the first machine's address in its subnet. @default 10 for controllers, 20 for workers */
  readonly firstHost?: number;
}

/** Like workers. Labels and taints change on nodes that are there too. */
export interface WorkerPool extends MachineGroup {
  /** Of its nodes, besides the zone. A kubelet may set none below kubernetes.io but node.kubernetes.io. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** What keeps pods away from its nodes. @default - none */
  readonly taints?: readonly Taint[];
  /**
   * Of kubelet, kube-proxy and kubectl, for a while: the control plane is upgraded first. Never newer than that, and at
   * most three minor versions older.
   * @default - that of the control plane
   */
  readonly kubernetesVersion?: string;
}

/** A pool beside the default one. */
export interface ExtraWorkerPool extends WorkerPool {
  /** Number of the first machine's address in its subnet, and of its pods' /24. */
  readonly firstHost: number;
}

export interface BastionMachine {
  /** @default 't3.micro' */
  readonly instanceType?: string;
}

export type ByRole<Value> = {
  readonly controlPlane?: Value;
  readonly workers?: Value;
  readonly bastion?: Value;
};

/** What machines may do in AWS, beside nothing. */
export interface Iam {
  /** ARNs of policies by names of yours, for each role. @default - none */
  readonly policies?: ByRole<Readonly<Record<string, string>>>;
  /** Policies of the roles' own: JSON by names of yours. @default - none */
  readonly inlinePolicies?: ByRole<Readonly<Record<string, string>>>;
  /** Names of instance profiles that are there, instead of roles made here: they need what `docs/hybrid.md` names. @default - none */
  readonly instanceProfiles?: ByRole<string>;
  /** ARN of the policy that bounds every role. @default - none */
  readonly permissionsBoundary?: string;
}

/**
 * How people reach a machine's shell: `ssh` from `adminCidrs` with the cluster's key, `ssm` by Session Manager, with
 * `instanceConnect` through an endpoint of EC2 Instance Connect, or `none`.
 */
export type Access = "ssh" | "ssm" | "instanceConnect" | "none";

/** Where nodes fetch from instead of the publishers; each may be empty or a Terraform variable. */
export interface Mirrors {
  /** Release files: `https://HOST/PATH` is fetched from `MIRROR/HOST/PATH`. @default - the publishers */
  readonly downloads?: string;
  /** Registry asked for every image. @default - the registry in the image's name */
  readonly images?: string;
  /** Debian repository for socat, conntrack, ipset, iptables and, if asked for, nftables and nginx. @default - the machine's own sources */
  readonly packages?: string;
  /** sha256 by URL without scheme. @default - the published sums */
  readonly checksums?: Readonly<Record<string, string>>;
}

export interface HardWayClusterProps extends PrivateNetworkProps {
  /** Names everything in AWS: 1 to 20 lower-case letters, digits and hyphens. */
  readonly clusterName: string;
  /** Blocks from which people reach SSH and the API. May be a Terraform variable. */
  readonly adminCidrs: readonly string[];
  /** Says that `adminCidrs` may hold 0.0.0.0/0. @default false */
  readonly allowOpenAdminCidrs?: boolean;
  /** Says that keys may lie in plain text in Terraform's state, so that nothing warns of it. @default false */
  readonly allowPlainState?: boolean;
  /** Of the control plane and, unless they say otherwise, the workers: one of RELEASES. @default - the newest that is tested */
  readonly kubernetesVersion?: string;
  /**
   * `private`: no machine but a bastion has a public address. Without NAT nothing leads out, and mirrors in the network
   * hold what nodes fetch.
   * @default 'public'
   */
  readonly topology?: Topology;
  /**
   * A private VPC that is there: its subnets take the machines, and nothing of it is made, changed or destroyed.
   * @default - a new VPC
   */
  readonly existingNetwork?: ExistingNetworkSettings;
  /**
   * Blocks of the other side and the gateway that leads to each, by its id: a VPN gateway, of a VPN or of Direct Connect, or
   * a transit gateway. Each is attached to the new VPC, and every table leads to it.
   * @default - none
   */
  readonly gatewayRoutes?: Readonly<Record<string, string>>;
  /** The HTTP proxy that downloads, apt, containerd and kubelet go through. @default - none */
  readonly proxy?: Proxy;
  /**
   * How private machines get out: each gateway costs by hour and by traffic and takes one of the Elastic IPs of the
   * account, 5 in a region unless it asks for more, and a single one is lost with its zone. Like
   * `bastion` and an `apiExposure` to the internet it needs public subnets, for which private ones shrink: choose it once.
   * @default 'none'
   */
  readonly nat?: Nat;
  /** Whether the load balancer has public addresses. @default - 'internet' for public machines, 'internal' for private ones */
  readonly apiExposure?: ApiExposure;
  /** A machine with a public address through which SSH reaches the others. @default - none */
  readonly bastion?: BastionMachine;
  /** How people come in. The bootstrap's own way is `ssh.address`, and keeps port 22 open for `adminCidrs` where it goes. @default 'ssh' */
  readonly access?: Access;
  readonly iam?: Iam;
  /** Images in ECR: workers may pull those of the account, and kubelet gets their credentials by itself. @default - none */
  readonly containerRegistry?: ContainerRegistrySettings;
  /** Ships the logs of services and pods to CloudWatch; `kubectl logs` stays as it is. @default - none */
  readonly logs?: NodeLogsSettings;
  /** Who spoke to whom in the VPC, to CloudWatch or S3. @default - none, since AWS charges for them by traffic */
  readonly flowLogs?: FlowLogsSettings;
  /**
   * How the load balancer asks whether an API server is well; `nginx` installs one on each controller, which passes
   * port 80's /healthz on.
   * @default 'https' - /readyz
   */
  readonly healthCheck?: HealthCheck;
  /** Block of the VPC, split evenly into its subnets. @default '10.240.0.0/24' */
  readonly networkCidr?: string;
  /**
   * Zones of the machines, which take turns, with a subnet in each; or how many: then the first that have the instance
   * types, and they stay. The network's block is split between them, so choose them once.
   * @default 1
   */
  readonly availabilityZones?: readonly string[] | number;
  /**
   * How pods of different nodes reach each other: by routes in the VPC's tables, or inside of UDP between nodes, of
   * which there may then be more than a route table takes.
   * @default 'vpc-routes'
   */
  readonly podNetwork?: PodNetwork;
  /** Block of all pods; each worker gets a /24 of it. @default '10.200.0.0/16' */
  readonly podCidr?: string;
  /** Block of services: the first address is the API's, the tenth DNS's. @default '10.32.0.0/24' */
  readonly serviceCidr?: string;
  readonly controlPlane?: MachineGroup;
  /** The default pool: worker-0 and so on. */
  readonly workers?: WorkerPool;
  /** More pools, by the name that their machines' names begin with. */
  readonly workerPools?: Readonly<Record<string, ExtraWorkerPool>>;
  /** @default DEBIAN_12 */
  readonly operatingSystem?: OperatingSystem;
  /** @default 'amd64' */
  readonly architecture?: Architecture;
  readonly ssh?: Ssh;
  readonly mirrors?: Mirrors;
  /** Flags for the programs besides those of the library, which are refused here as is whatever opens the cluster. */
  readonly extraArguments?: ExtraArguments;
  /** Fields of KubeletConfiguration over those of the library: `{ maxPods: 60 }`. */
  readonly kubeletConfiguration?: Readonly<Record<string, unknown>>;
  /** TOML of containerd, version 3, over that of the library. */
  readonly containerdConfiguration?: string;
  readonly certificates?: CertificateSettings;
  /** @default 'iptables' */
  readonly kubeProxyMode?: "iptables" | "nftables";
  /** @default FIREWALL_RULES, with vxlan VXLAN_FIREWALL_RULES; OPEN_FIREWALL_RULES lets everything inside the network through */
  readonly firewallRules?: readonly FirewallRule[];
}
