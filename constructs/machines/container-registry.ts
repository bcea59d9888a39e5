import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrPullThroughCacheRule } from "@cdktf/provider-aws/lib/ecr-pull-through-cache-rule";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { Construct } from "constructs";

/** A repository of ECR. */
export interface RepositorySettings {
  /** ARN of the KMS key that encrypts it. Another one makes another repository. @default - a key of ECR's own */
  readonly kmsKeyArn?: string;
  /** Whether each image is scanned for known weaknesses when it is pushed. @default true */
  readonly scanOnPush?: boolean;
  /** Whether a tag may be pushed again. @default false */
  readonly mutableTags?: boolean;
  /** Days after which an image that has lost its tag goes. @default 14 */
  readonly untaggedDays?: number;
  /** How many images stay; the oldest go. @default 100 */
  readonly images?: number;
}

/** A registry that ECR fetches images from when they are asked for, and keeps. */
export interface PullThroughSettings {
  /** Such as `registry.k8s.io`, `quay.io`, `public.ecr.aws` or `registry-1.docker.io`. */
  readonly registry: string;
  /** ARN of the secret with its user, whose name begins with `ecr-pullthroughcache/`. @default - it asks for none */
  readonly credentialArn?: string;
}

/** Images in ECR: nodes may pull whatever the account's registry has. */
export interface ContainerRegistrySettings {
  /** Those to make, by name; each is called `CLUSTER/NAME`. A destroy fails while one has images. @default - none */
  readonly repositories?: Readonly<Record<string, RepositorySettings>>;
  /** By what the names of the repositories begin with that ECR makes for them, in the whole region. @default - none */
  readonly pullThrough?: Readonly<Record<string, PullThroughSettings>>;
}

export interface ContainerRegistryProps extends ContainerRegistrySettings {
  readonly clusterName: string;
}

// What kops gives nodes too; nothing that writes.
const READ = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:GetRepositoryPolicy",
  "ecr:DescribeRepositories",
  "ecr:ListImages",
  "ecr:BatchGetImage",
];
// Source: Amazon ECR user guide, "IAM permissions required to sync an upstream registry" (2026-11).
const IMPORT = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"];

/** Repositories and pull-through cache rules of ECR, and the policies by which machines pull. */
export class ContainerRegistry extends Construct {
  /** JSON of inline policies, by name. */
  readonly policies: Readonly<Record<string, string>>;
  /** Where images are pushed to and pulled from, by the names of the repositories. */
  readonly repositoryUrls: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: ContainerRegistryProps) {
    super(scope, id);
    const { clusterName, repositories = {}, pullThrough = {} } = props;
    const read = new DataAwsIamPolicyDocument(this, "read", { statement: [{ actions: READ, resources: ["*"] }] });

    this.repositoryUrls = Object.fromEntries(
      Object.entries(repositories).map(([name, settings]) => [name, this.repository(clusterName, name, settings)]),
    );
    for (const [prefix, { registry, credentialArn }] of Object.entries(pullThrough))
      new EcrPullThroughCacheRule(this, `pull-through-${prefix}`, {
        ecrRepositoryPrefix: prefix,
        upstreamRegistryUrl: registry,
        ...(credentialArn === undefined ? {} : { credentialArn }),
      });
    const prefixes = Object.keys(pullThrough);
    this.policies = {
      "ecr-read": read.json,
      ...(prefixes.length === 0 ? {} : { "ecr-pull-through": this.pullThrough(prefixes) }),
    };
  }

  private repository(clusterName: string, name: string, settings: RepositorySettings): string {
    const { kmsKeyArn, scanOnPush = true, mutableTags = false, untaggedDays = 14, images = 100 } = settings;
    const repository = new EcrRepository(this, `repository-${name}`, {
      name: `${clusterName}/${name}`,
      imageTagMutability: mutableTags ? "MUTABLE" : "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush },
      encryptionConfiguration: [
        kmsKeyArn === undefined ? { encryptionType: "AES256" } : { encryptionType: "KMS", kmsKey: kmsKeyArn },
      ],
      tags: { Name: clusterName },
    });
    const rule = (rulePriority: number, description: string, selection: object): object => ({
      rulePriority,
      description,
      selection,
      action: { type: "expire" },
    });
    new EcrLifecyclePolicy(this, `lifecycle-${name}`, {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          rule(1, "what has lost its tag", {
            tagStatus: "untagged",
            countType: "sinceImagePushed",
            countUnit: "days",
            countNumber: untaggedDays,
          }),
          // A rule for any image has to be the last.
          rule(2, "all but the newest", { tagStatus: "any", countType: "imageCountMoreThan", countNumber: images }),
        ],
      }),
    });
    return repository.repositoryUrl;
  }

  /** The first who pulls an image has it imported, into a repository that may not be there. */
  private pullThrough(prefixes: readonly string[]): string {
    const { partition } = new DataAwsPartition(this, "partition");
    const here = `${new DataAwsRegion(this, "region").name}:${new DataAwsCallerIdentity(this, "account").accountId}`;
    return new DataAwsIamPolicyDocument(this, "import", {
      statement: [
        {
          actions: IMPORT,
          resources: prefixes.map((prefix) => `arn:${partition}:ecr:${here}:repository/${prefix}/*`),
        },
      ],
    }).json;
  }
}
