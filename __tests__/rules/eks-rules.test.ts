import { EKS_RULES } from "../../constructs/rules/eks-rules";
import type { EksSettings, NodeGroupSettings } from "../../constructs/rules/eks-settings";
import { problemsOf } from "../../constructs/rules/rule";

const WORKERS: NodeGroupSettings = {
  ...{ instanceTypes: ["m5.large"], min: 2, max: 2, desired: 2, subnets: "public", labels: {}, taints: [] },
  rootVolumeGiB: 80,
};
const good: EksSettings = {
  clusterName: "blue",
  kubernetesVersion: "1.36",
  region: "eu-west-1",
  networkCidr: "192.168.0.0/16",
  availabilityZones: 3,
  nat: "single",
  serviceCidr: "10.100.0.0/16",
  privateEndpoint: true,
  publicCidrs: [],
  authenticationMode: "API_AND_CONFIG_MAP",
  logs: [],
  logRetentionDays: 90,
  selfManagedGroups: { workers: WORKERS },
  readyTimeoutSeconds: 600,
  managedGroups: {},
};
const problems = (change: Partial<EksSettings>) => problemsOf(EKS_RULES, { ...good, ...change });
const ruleIds = (change: Partial<EksSettings>) => [...new Set(problems(change).map((problem) => problem.rule))];

test("good settings have no problem", () => {
  expect(problems({})).toEqual([]);
});

test("no two rules have one id", () => {
  const ids = EKS_RULES.map((rule) => rule.id);

  expect(new Set(ids).size).toBe(ids.length);
});

const EXAMPLES: readonly [id: string, sentence: string][] = [
  [
    "cluster-name",
    'clusterName "a-name-of-more-than-28-letters" must be 1 to 28 lower-case letters, digits and hyphens, and begin with a letter: IAM ends what a role\'s name begins with at 38; use a shorter name such as prod-eu',
  ],
  [
    "kubernetes-version",
    'kubernetesVersion "1.14" must be one of 1.32, 1.33, 1.34, 1.35, 1.36, the minor versions that EKS runs; leave it out for the newest',
  ],
  ["region", 'region "Ireland" must be the code of an AWS region; write it as in eu-west-1'],
  [
    "cidr",
    'networkCidr "192.168.0.1/16" must be an IPv4 CIDR without host bits; write the network\'s first address and its length, such as 192.168.0.0/16',
  ],
  [
    "network-size",
    'networkCidr "192.168.0.0/15" must be a /16 to a /24: AWS has no larger VPC, and of a smaller one no subnet for each zone is left; use a block such as 192.168.0.0/16',
  ],
  [
    "service-cidr",
    'serviceCidr "100.64.0.0/16" must be a /12 to a /24 of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as EKS has it; use a block such as 10.100.0.0/16',
  ],
  [
    "cidrs-apart",
    'networkCidr and serviceCidr ["192.168.0.0/16","192.168.128.0/17"] must not overlap, because an address would then be a machine\'s and a service\'s at once; move one of them, for example to 10.100.0.0/16',
  ],
  [
    "zone-count",
    "availabilityZones 1 must be 2 to 6 zones: EKS puts its control plane into two at least, and no region has more; use 3",
  ],
  [
    "zone-names",
    'availabilityZones ["eu-west-1a","eu-west-1a"] must name each zone once, by its name; write them as in eu-west-1a',
  ],
  ["nat", 'nat "double" must be none, single or per-zone; use single'],
  [
    "public-cidrs",
    "publicCidrs [\"198.51.100.7/24\"] must be IPv4 CIDRs without host bits, from which the endpoint is reached over the internet; write your office's or VPN's block, or your own address with /32; none keeps the endpoint private",
  ],
  [
    "endpoint",
    "privateEndpoint [] must not be false where no public CIDR is named, or nobody would reach the endpoint; leave it out, or name publicCidrs",
  ],
];

test("there is an example of every rule, in their order", () => {
  expect(EXAMPLES.map(([id]) => id)).toEqual(EKS_RULES.map(({ id }) => id));
});

test.each(EXAMPLES)("%s says what is wrong, why, and what to do", (id, sentence) => {
  const rule = EKS_RULES.find((candidate) => candidate.id === id)!;

  expect(problemsOf(EKS_RULES, rule.breaks(good))).toEqual([expect.objectContaining({ rule: id, sentence })]);
});

test.each<[id: string, what: string, change: Partial<EksSettings>]>([
  ["cluster-name", "a name that ends in a hyphen", { clusterName: "blue-" }],
  ["kubernetes-version", "a patch version", { kubernetesVersion: "1.36.3" }],
  ["network-size", "a network without room for subnets", { networkCidr: "192.168.0.0/25" }],
  ["service-cidr", "a service block of too few addresses", { serviceCidr: "10.100.0.0/25" }],
  ["zone-count", "a single zone", { availabilityZones: ["eu-west-1a"] }],
  ["zone-names", "a zone by its id", { availabilityZones: ["euw1-az1", "euw1-az2"] }],
  ["public-cidrs", "an address without a length", { publicCidrs: ["198.51.100.7"] }],
])("rejects by %s: %s", (id, _, change) => {
  expect(ruleIds(change)).toEqual([id]);
});

test("says everything that is wrong at once", () => {
  expect(ruleIds({ clusterName: "", networkCidr: "x", nat: "double" as "none", availabilityZones: 7 })).toEqual([
    "cluster-name",
    "cidr",
    "zone-count",
    "nat",
  ]);
});
