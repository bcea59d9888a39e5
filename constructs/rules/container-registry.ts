import type { HardWaySettings } from "./hard-way-settings";
import type { Rule } from "./rule";

/** Whether it is the ARN of a KMS key. */
export const isKey = (arn: string): boolean => /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/\S+$/.test(arn);

// Source: Amazon ECR API reference, CreatePullThroughCacheRule (2026-11).
const OPEN = ["public.ecr.aws", "registry.k8s.io", "quay.io"];
const WITH_USER = ["registry-1.docker.io", "ghcr.io", "registry.gitlab.com"];
const wantsUser = (registry: string): boolean => WITH_USER.includes(registry) || registry.endsWith(".azurecr.io");
const NAME = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";

type Registry = NonNullable<HardWaySettings["containerRegistry"]>;
const repositories = <Value>(
  { containerRegistry }: HardWaySettings,
  field: string,
  value: (name: string, repository: NonNullable<Registry["repositories"]>[string]) => Value,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(containerRegistry?.repositories ?? {}).map(([name, repository]) => [
      `containerRegistry.repositories.${name}${field}`,
      value(name, repository),
    ]),
  );
const rules = <Value>(
  { containerRegistry }: HardWaySettings,
  field: string,
  value: (prefix: string, rule: NonNullable<Registry["pullThrough"]>[string]) => Value,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(containerRegistry?.pullThrough ?? {}).map(([prefix, rule]) => [
      `containerRegistry.pullThrough.${prefix}${field}`,
      value(prefix, rule),
    ]),
  );
const broken = (good: HardWaySettings, containerRegistry: Registry): HardWaySettings => ({
  ...good,
  containerRegistry,
});

/** Images in ECR. */
export const CONTAINER_REGISTRY_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "repository-name",
    of: (settings) => repositories(settings, "", (name) => name),
    accepts: (name: string) => name.length <= 200 && new RegExp(`^${NAME}$`).test(name),
    must: "must be a name as ECR takes it: lower-case letters and digits, with . _ - or / between them",
    cure: "write it as in team/app",
    breaks: (good) => broken(good, { repositories: { App: {} } }),
  },
  {
    id: "repository-kms-key",
    of: (settings) => repositories(settings, ".kmsKeyArn", (_, { kmsKeyArn }) => kmsKeyArn),
    accepts: isKey,
    must: "must be the ARN of a KMS key",
    cure: "write it as in arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    breaks: (good) => broken(good, { repositories: { app: { kmsKeyArn: "alias/images" } } }),
  },
  {
    id: "repository-lifecycle",
    of: (settings) => ({
      ...repositories(settings, ".untaggedDays", (_, { untaggedDays }) => untaggedDays),
      ...repositories(settings, ".images", (_, { images }) => images),
    }),
    accepts: (count: number) => Number.isInteger(count) && count > 0,
    must: "must be a whole number above 0",
    cure: "leave it out",
    breaks: (good) => broken(good, { repositories: { app: { images: 0 } } }),
  },
  {
    id: "pull-through-prefix",
    of: (settings) => rules(settings, "", (prefix) => prefix),
    accepts: (prefix: string) => new RegExp(`^${NAME}$`).test(prefix) && prefix.length >= 2 && prefix.length <= 30,
    must: "must be 2 to 30 lower-case letters and digits, with . _ - or / between them",
    cure: "write it as in kubernetes",
    breaks: (good) => broken(good, { pullThrough: { k: { registry: "registry.k8s.io" } } }),
  },
  {
    id: "pull-through-registry",
    of: (settings) => rules(settings, ".registry", (_, { registry }) => registry),
    accepts: (registry: string) => OPEN.includes(registry) || wantsUser(registry),
    must: `must be a registry that ECR caches: ${[...OPEN, ...WITH_USER].join(", ")} or NAME.azurecr.io`,
    cure: "write it without a scheme, and docker.io as registry-1.docker.io",
    breaks: (good) => broken(good, { pullThrough: { hub: { registry: "docker.io" } } }),
  },
  {
    id: "pull-through-credential",
    of: (settings) =>
      rules(settings, ".credentialArn", (_, { registry, credentialArn }) =>
        wantsUser(registry) || credentialArn !== undefined ? (credentialArn ?? "") : undefined,
      ),
    accepts: (arn: string) => /^arn:aws[a-z-]*:secretsmanager:\S+:secret:ecr-pullthroughcache\/\S+$/.test(arn),
    must: "must be the ARN of a secret whose name begins with ecr-pullthroughcache/, since that registry asks for a user",
    cure: "make the secret with username and accessToken, and name its ARN",
    breaks: (good) => broken(good, { pullThrough: { hub: { registry: "registry-1.docker.io" } } }),
  },
];
