/** What of AWS a cluster calls, as the names of VPC endpoints end. */
export type EndpointService =
  | "autoscaling"
  | "ec2"
  | "ec2messages"
  | "ecr.api"
  | "ecr.dkr"
  | "eks"
  | "eks-auth"
  | "elasticloadbalancing"
  | "kms"
  | "logs"
  | "s3"
  | "ssm"
  | "ssmmessages"
  | "sts";

export type EndpointFeature = keyof typeof ENDPOINT_FEATURES;

/** What of AWS serves a name: its region, its domain, and the domain of names that are newer than IPv4 alone. */
export interface Place {
  readonly region: string;
  readonly dnsSuffix: string;
  readonly dualStackSuffix: string;
}

interface Endpoint {
  /** Interfaces with addresses in subnets, or, for S3, a route in their tables. */
  readonly type: "Interface" | "Gateway";
  /** What programs call, and is to be reached directly; with a dot first, everything below it. */
  readonly names: (place: Place) => readonly string[];
}

const regional = (name: string): Endpoint => ({
  type: "Interface",
  names: ({ region, dnsSuffix }) => [`${name}.${region}.${dnsSuffix}`],
});

// Source: AWS PrivateLink, "AWS services that integrate with AWS PrivateLink"; EKS, "Deploy private clusters with limited
// internet access"; ECR and SSM, "interface VPC endpoints" (2026-11).
export const ENDPOINTS: Readonly<Record<EndpointService, Endpoint>> = {
  autoscaling: regional("autoscaling"),
  ec2: regional("ec2"),
  ec2messages: regional("ec2messages"),
  "ecr.api": regional("api.ecr"),
  "ecr.dkr": regional(".dkr.ecr"),
  eks: regional("eks"),
  // It has no other name.
  "eks-auth": { type: "Interface", names: ({ region, dualStackSuffix }) => [`eks-auth.${region}.${dualStackSuffix}`] },
  elasticloadbalancing: regional("elasticloadbalancing"),
  kms: regional("kms"),
  logs: regional("logs"),
  // Names of buckets too, in which ECR has the layers of images.
  s3: {
    type: "Gateway",
    names: ({ region, dnsSuffix }) => [`s3.${region}.${dnsSuffix}`, `.s3.${region}.${dnsSuffix}`],
  },
  ssm: regional("ssm"),
  ssmmessages: regional("ssmmessages"),
  sts: regional("sts"),
};

/** What each use of AWS calls. */
export const ENDPOINT_FEATURES = {
  /** Nodes of EKS that join, pull images from ECR, and whose pods have roles. */
  eks: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "s3", "sts"],
  /** Images from ECR, whose layers lie in S3. */
  ecr: ["ecr.api", "ecr.dkr", "s3"],
  /** Logs to CloudWatch. */
  logs: ["logs"],
  /** Session Manager. */
  ssm: ["ec2messages", "ssm", "ssmmessages"],
  kms: ["kms"],
  ec2: ["ec2"],
  sts: ["sts"],
  s3: ["s3"],
  /** The AWS Load Balancer Controller. */
  loadBalancers: ["ec2", "elasticloadbalancing", "sts"],
  /** The Cluster Autoscaler. */
  autoscaling: ["autoscaling", "ec2", "sts"],
} as const satisfies Readonly<Record<string, readonly EndpointService[]>>;

/** The services of features, each once, in the catalogue's order; unknown features have none. */
export function servicesOf(features: readonly string[]): EndpointService[] {
  const asked = new Set<string>(features.flatMap((feature) => ENDPOINT_FEATURES[feature as EndpointFeature] ?? []));
  return (Object.keys(ENDPOINTS) as EndpointService[]).filter((service) => asked.has(service));
}
