import { roomOfSubnets } from "../../constructs/rules/eks-capacity";
import { EKS_RULES } from "../../constructs/rules/eks-rules";
import { WELL_FORMED } from "../../constructs/rules/form";
import type { EksSettings, NodeGroupSettings } from "../../constructs/rules/eks-settings";
import { problemsOf } from "../../constructs/rules/rule";
import { CORPORATE } from "../support/hybrid";

const WORKERS: NodeGroupSettings = {
  ...{ managed: false, instanceTypes: ["m5.large"], architecture: "amd64", operatingSystem: "al2023" },
  ...{ min: 2, max: 2, desired: 2, subnets: "public", labels: {}, taints: [], rootVolumeGiB: 80, kubelet: {} },
  ...{ imageId: undefined, maxPods: undefined, spot: undefined, maxUnavailablePercentage: 33 },
};
const good: EksSettings = {
  form: WELL_FORMED,
  clusterName: "blue",
  kubernetesVersion: "1.36",
  region: "eu-west-1",
  existingNetwork: undefined,
  proxy: undefined,
  networkCidr: "192.168.0.0/16",
  availabilityZones: 3,
  nat: "single",
  serviceCidr: "10.100.0.0/16",
  privateEndpoint: true,
  publicCidrs: [],
  authenticationMode: "API_AND_CONFIG_MAP",
  logs: [],
  logRetentionDays: 90,
  secretsKeyArn: undefined,
  prefixDelegation: false,
  customNetworking: false,
  readyTimeoutSeconds: 600,
  groups: { "selfManagedGroups.workers": WORKERS },
  fargateProfiles: {},
  addons: {},
  podIdentities: {},
  mappedRoles: [],
  mappedUsers: [],
  accounts: [],
  accessEntries: {},
  accessRights: {},
  sshPublicKey: undefined,
  sshCidrs: [],
};
const S3 = { namespace: "jobs", serviceAccount: "s3", roleArn: "arn:aws:iam::123456789012:role/s3" };
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
    "known-settings",
    'networkCdir {"near":"networkCidr"} must be a setting, and there is none of that name; write the near one if that is meant, or take it out',
  ],
  ["needed-settings", 'clusterName {"type":"string"} must be given; add a value of that type'],
  [
    "types-of-settings",
    'availabilityZones {"given":"string","type":"array or number"} must be of that type; write it so',
  ],
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
    'availabilityZones ["eu-west-1a","eu-west-1a"] must name each zone once, by its name, and all of one region; write them as in eu-west-1a',
  ],
  ["nat", 'nat "double" must be none, single or per-zone; use single'],
  [
    "public-cidrs",
    "publicCidrs [\"198.51.100.7/24\"] must be IPv4 CIDRs without host bits, from which the endpoint is reached over the internet; write your office's or VPN's block, or your own address with /32; none keeps the endpoint private",
  ],
  [
    "endpoint",
    "privateEndpoint [] must not be false unless publicCidrs has 0.0.0.0/0: nodes then reach the endpoint from public addresses that nobody knows beforehand; leave it out",
  ],
  [
    "existing-network-private",
    'nat "single" must not make anything that faces the internet in a network that is there: nat none, a private endpoint without publicCidrs, and nodes in private subnets; leave it out, since what leads out of that network belongs to those who made it',
  ],
  [
    "existing-network-ids",
    'existingNetwork.vpcId "corporate" must have the form of ids of VPCs, subnets and route tables: vpc-, subnet- or rtb- and 8 to 17 hexadecimal digits; copy it from the VPC console, or from the output of the Terraform that made it',
  ],
  [
    "existing-subnets-inside",
    'existingNetwork.subnets[0] ["10.241.0.0/25","10.240.0.0/16"] must have a block without host bits inside that of the network, or firewall rules would not know its machines; write the blocks as the VPC console shows them',
  ],
  [
    "existing-network-alone",
    'networkCidr ["10.239.0.0/16","10.240.0.0/16"] must be what existingNetwork says; leave it out',
  ],
  [
    "proxy-url",
    'proxy.url "proxy.corp.example:3128" must be the http or https URL of a proxy, with its port and without a user, since it stands in plans; write it as in http://proxy.corp.example:3128, and its user in proxy.credentials',
  ],
  [
    "proxy-exceptions",
    'proxy.exceptions ["*.corp.example"] must be names, names that begin with a dot for everything below them, addresses or blocks, each by itself; write one for each entry, as in .corp.example or 172.16.0.0/12, and without *, which no program knows',
  ],
  [
    "proxy-ca",
    'proxy.caBundle "/etc/ssl/corp.pem" must be certificates in PEM; read it from the file that the proxy\'s owners gave you',
  ],
  [
    "proxy-ca-size",
    'proxy.caBundle {"bytes":12055,"room":8448} must not have more bytes than there is room for: it stands in the nodes\' user data, of which EC2 takes 16 KiB, in base64 and beside the rest; leave in it the proxy\'s own authority alone, and write a domain with a dot instead of many exceptions',
  ],
  [
    "proxy-systems",
    'selfManagedGroups.workers.operatingSystem "ubuntu" must be al2023 or bottlerocket behind a proxy: the bootstrap programs of the others know none; leave it out for al2023',
  ],
  [
    "vpc-endpoint-features",
    'vpcEndpoints.features ["ecr.api"] must be some of eks, ecr, logs, ssm, kms, ec2, sts, s3, loadBalancers, autoscaling; name what the endpoints are for, as in ["ecr", "logs"]',
  ],
  [
    "vpc-endpoint-services",
    'vpcEndpoints.existing ["logs"] must be services of the features that are asked for, each of them either there already or not wanted; write them as AWS does, as in ["ecr.api", "s3"]',
  ],
  [
    "vpc-endpoint-callers",
    'vpcEndpoints.callers ["10.1.0.5/16"] must be at most 50 IPv4 blocks without host bits, since a security group takes 60 rules; name the blocks of those who call, as in 10.1.0.0/16',
  ],
  [
    "private-zone",
    "privateDns.zone \"svc.cluster.local\" must be a domain of two labels or more in lower case without a dot at its end, and none of AWS's or of the cluster's own; name one that nothing else answers for, such as prod.aws.corp.example",
  ],
  [
    "private-zone-id",
    'privateDns.zoneId "/hostedzone/prod" must be the id of a hosted zone: Z and capital letters and digits; copy it from the console of Route 53, or from the output of the Terraform that made it',
  ],
  [
    "resolver-inbound",
    'privateDns.resolver.inboundFrom ["10.1.0.53"] must be at most 30 IPv4 blocks without host bits, each of which takes two of the 60 rules of a security group; name the blocks of the name servers, as in 10.1.0.0/16',
  ],
  [
    "resolver-forward",
    'privateDns.resolver.forward.prod.aws.corp.example ["prod.aws.corp.example",["10.1.0.53"]] must map a domain, and not the zone\'s own, which would then be asked of the other side alone, to the IPv4 addresses of 1 to 6 name servers; write it as in { "corp.example": ["10.1.0.53"] }',
  ],
  [
    "group-name",
    'selfManagedGroups.My_Nodes "My_Nodes" must be 1 to 20 lower-case letters, digits and hyphens, and begin with a letter; use a name such as workers',
  ],
  [
    "group-names-apart",
    'selfManagedGroups and managedGroups ["workers","workers"] must not have a group of one name twice, since their nodes are named by it; rename one of them',
  ],
  [
    "group-size",
    "selfManagedGroups.workers.min, desired and max [3,2,4] must be whole numbers, each at least as large as the one before it, and the last at least 1; use 2, 2 and 4",
  ],
  ["instance-types", "selfManagedGroups.workers.instanceTypes [] must name 1 to 20 types, each once; use ['m5.large']"],
  [
    "instance-type-known",
    'selfManagedGroups.workers.instanceTypes[0] {"type":"t3.mediun","near":["t3.medium","m3.medium","t2.medium"]} must be a type of EC2 that is known to have room for pods, as the CNI has to know it too; use one of the near ones, or a newer release of this library for a type that is new',
  ],
  [
    "architecture",
    'selfManagedGroups.workers.architecture ["arm64","x86_64"] must be that of all its instance types, or its image would not boot on them; use amd64 for x86_64 and arm64 for arm64, in groups of their own',
  ],
  [
    "operating-system",
    'selfManagedGroups.workers.operatingSystem ["windows",false] must be al2023, bottlerocket, ubuntu or al2, and al2023 or bottlerocket in a managed group; leave it out for al2023',
  ],
  [
    "al2",
    'selfManagedGroups.workers.operatingSystem {"kubernetesVersion":"1.36","imageId":""} must not be al2 but for Kubernetes 1.32 with an image of yours: AWS publishes none since November 2025, and there never was one for 1.33; use al2023',
  ],
  [
    "image",
    'selfManagedGroups.workers.imageId "al2023" must be the id of an image; write it as in ami-0123456789abcdef0, or leave it out for the newest of AWS',
  ],
  [
    "labels",
    'selfManagedGroups.workers.labels {"node-role.kubernetes.io/worker":""} must have keys and values of at most 63 letters, digits, hyphens, underscores and dots, and none below kubernetes.io or k8s.io but under node.kubernetes.io and kubelet.kubernetes.io; write them as in example.com/tier: web',
  ],
  [
    "taints",
    'selfManagedGroups.workers.taints [{"key":"dedicated","effect":"NoRun"}] must have keys and values as labels have, the effect NoSchedule, PreferNoSchedule or NoExecute, and each key with an effect once; write them as in { key: \'dedicated\', value: \'gpu\', effect: \'NoSchedule\' }',
  ],
  [
    "root-volume",
    "selfManagedGroups.workers.rootVolumeGiB 8 must be 20 to 16384 GiB: the images for EKS are of 20, and EBS has no larger volume; use 80",
  ],
  [
    "max-pods",
    'selfManagedGroups.workers.maxPods {"asked":500,"addresses":29} must be at least 4, and no more than the smallest of the instance types has addresses for, or pods would wait for one for ever; leave it out, take a larger type, or set prefixDelegation',
  ],
  [
    "kubelet-settings",
    'selfManagedGroups.workers.kubelet ["al2023","authorization"] must leave address, apiVersion, authentication, authorization, clusterDomain, kind, serverTLSBootstrap as EKS has them and have maxPods beside it; bottlerocket takes allowedUnsafeSysctls, containerLogMaxFiles, containerLogMaxSize, cpuCFSQuota, cpuManagerPolicy, eventBurst, eventRecordQPS, evictionHard, evictionMaxPodGracePeriod, evictionSoft, evictionSoftGracePeriod, imageGCHighThresholdPercent, imageGCLowThresholdPercent, kubeAPIBurst, kubeAPIQPS, kubeReserved, podPidsLimit, registryBurst, registryPullQPS, seccompDefault, systemReserved, topologyManagerPolicy, topologyManagerScope, and ubuntu the same but for evictionHard and evictionSoft; take the others out, or use al2023, which takes all',
  ],
  [
    "spot",
    'selfManagedGroups.workers.spot {"onDemandPercentage":110} must have whole numbers, a percentage of at most 100, and an allocation of price-capacity-optimized, capacity-optimized, capacity-optimized-prioritized, lowest-price; use {} for spot instances alone',
  ],
  [
    "max-unavailable",
    "selfManagedGroups.workers.maxUnavailablePercentage 0 must be a whole number of percent, 1 to 100; use 33",
  ],
  [
    "private-way-out",
    'selfManagedGroups.workers.subnets ["private","none"] must be public or private, and public without NAT, or nodes would reach neither their images nor AWS; use nat: \'single\'',
  ],
  [
    "kubelet-choices",
    'selfManagedGroups.workers.kubelet.topologyManagerPolicy ["topologyManagerPolicy","numa"] must be what kubelet takes: cpuManagerPolicy none or static, memoryManagerPolicy None or Static, topologyManagerPolicy none, best-effort, restricted or single-numa-node, topologyManagerScope container or pod, logging.format text or json, memorySwap.swapBehavior NoSwap or LimitedSwap; write it so, or leave it out',
  ],
  [
    "kubelet-image-thresholds",
    "selfManagedGroups.workers.kubelet.imageGCLowThresholdPercent and imageGCHighThresholdPercent [80,75] must have the first below the second, or kubelet ends, which has 80 and 85 where one is not given; give both",
  ],
  [
    "kubelet-grace-periods",
    'selfManagedGroups.workers.kubelet.shutdownGracePeriodCriticalPods and shutdownGracePeriod ["1m","10s"] must not give critical pods more than all of them have, or kubelet ends, which has 0s where one is not given; raise the second',
  ],
  [
    "subnet-addresses",
    'public subnet 0 (192.168.0.0/27) {"free":20,"needed":40,"missing":20} must have the addresses that its nodes take at their most, with the interface that the CNI keeps warm on each, or pods stay ContainerCreating; use a larger networkCidr, fewer nodes, a smaller instance type, or prefixDelegation',
  ],
  [
    "authentication-mode",
    'authenticationMode "aws-auth" must be CONFIG_MAP, API_AND_CONFIG_MAP or API; use API_AND_CONFIG_MAP',
  ],
  [
    "role-not-profile",
    'access.roles[0] "arn:aws:iam::123456789012:instance-profile/nodes" must be the ARN of the role, and not of an instance profile that holds it, or nobody who has it is let in; write it as in arn:aws:iam::123456789012:role/name',
  ],
  [
    "role-arn",
    'access.roles[0] "arn:aws:iam::123456789012:user/ann" must be the ARN of a role of IAM; write it as in arn:aws:iam::123456789012:role/name',
  ],
  [
    "user-arn",
    'access.users[0] "ann" must be the ARN of a user of IAM; write it as in arn:aws:iam::123456789012:user/ann',
  ],
  [
    "username",
    'access.roles and access.users [""] must each have a username, without a blank and without what Terraform would read as an expression; write one such as ann or ops:{{SessionName}}',
  ],
  [
    "accounts",
    "access.accounts [\"1234\"] must be numbers of accounts, 12 digits each; write them as in '123456789012'",
  ],
  [
    "aws-auth-unread",
    'access.roles, access.users and access.accounts ["123456789012"] must be empty where the authenticationMode is API, in which EKS does not read aws-auth; use access.entries',
  ],
  [
    "access-entries",
    'access.entries {"ann":"ann"} must map names of lower-case letters, digits and hyphens to principals, ARNs of roles or users of IAM, each once; write them as in ann: { principalArn: \'arn:aws:iam::123456789012:user/ann\' }',
  ],
  [
    "entries-unread",
    'access.entries ["ann"] must be empty where the authenticationMode is CONFIG_MAP, in which EKS takes no access entries; use API_AND_CONFIG_MAP',
  ],
  [
    "logs",
    "logs [\"kubelet\"] must be of api, audit, authenticator, controllerManager, scheduler, each once; use ['audit', 'authenticator']",
  ],
  [
    "log-retention",
    "logRetentionDays 10 must be a number of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; use 90",
  ],
  [
    "secrets-key",
    'secretsEncryption.keyArn "alias/eks" must be the ARN of a key of KMS; write it as in arn:aws:kms:eu-west-1:123456789012:key/…, or leave it out for a new key',
  ],
  [
    "ready-timeout",
    "readyTimeoutSeconds 3600 must be 60 to 780 seconds: the token that asks lives for 15 minutes; use 600",
  ],
  [
    "fargate-profiles",
    "fargateProfiles.apps [] must have one to five selectors, each with a namespace; write them as in [{ namespace: 'default' }]",
  ],
  [
    "fargate-way-out",
    'nat "none" must not be none with Fargate, whose pods are in private subnets and fetch their images; use single',
  ],
  [
    "fargate-dns",
    'fargateProfiles ["default"] must have the namespace kube-system where there are no nodes, or cluster DNS would run nowhere; add a selector for kube-system, or nodes',
  ],
  [
    "fargate-profile-name",
    'fargateProfiles ["eks-apps"] must have names of 1 to 31 lower-case letters, digits and hyphens that begin with a letter and not with eks-, which EKS keeps for itself; use a name such as apps',
  ],
  [
    "ssh-key",
    'ssh.publicKey "id_rsa" must be a public key of SSH, RSA or ED25519, which EC2 takes; write what is in ~/.ssh/id_ed25519.pub',
  ],
  [
    "ssh-cidrs",
    "ssh.cidrs [\"0.0.0.0/0\"] must name the IPv4 CIDRs, without host bits, from which people reach SSH, and not the whole internet; write your office's or VPN's block, or your own address with /32",
  ],
  [
    "access-entry-groups",
    "access.entries.ann.groups [\"system:masters\"] must not begin with system:, which EKS takes in aws-auth alone; bind a group of your own by RBAC, or give policies: [{ name: 'AmazonEKSClusterAdminPolicy' }]",
  ],
  [
    "access-policies",
    'access.entries.ann.policies [{"name":"AmazonEKSAdminPolicy","namespaces":[]}] must be policies of EKS for access, by name and each once, for the whole cluster or for at least one namespace; write them as in { name: \'AmazonEKSAdminPolicy\', namespaces: [\'default\'] }',
  ],
  [
    "pod-identities",
    "podIdentities.s3 [\"jobs\",\"\"] must name a namespace and a service account as Kubernetes does; write them as in { namespace: 'jobs', serviceAccount: 's3', roleArn: … }",
  ],
  [
    "pod-identities-apart",
    'podIdentities ["jobs/s3","jobs/s3"] must name each service account once, since it has one role, and external-dns not at all where privateDns makes that; give one role both rights',
  ],
  [
    "pod-identity-role",
    'podIdentities.s3.roleArn "s3" must be the ARN of a role of IAM; write it as in arn:aws:iam::123456789012:role/name',
  ],
  [
    "external-dns-identity",
    'podIdentities ["external-dns"] must not have one named external-dns beside privateDns.externalDns, which makes that itself; rename it, or leave one of them out',
  ],
  [
    "addon-version",
    'addons.vpc-cni.version "latest" must be one version of an add-on as EKS writes them: neither a range nor the newest; write it as in v1.21.1-eksbuild.1, or leave it out for the one that EKS names for the Kubernetes version',
  ],
  [
    "plain-text",
    'addons.coredns.configuration {"corefile":"log ${name}"} must have no ${ or %{, which Terraform would read as an expression of its own and not hand on; write $${ or %%{ for the signs themselves, or give a value of Terraform as CDKTF does, not as text',
  ],
];

test("there is an example of every rule, in their order", () => {
  expect(EXAMPLES.map(([id]) => id)).toEqual(EKS_RULES.map(({ id }) => id));
});

test.each(EXAMPLES)("%s says what is wrong, why, and what to do", (id, sentence) => {
  const rule = EKS_RULES.find((candidate) => candidate.id === id)!;

  const found = problemsOf(EKS_RULES, rule.breaks(good));

  expect(found[0]).toMatchObject({ rule: id, sentence });
  expect(new Set(found.map((problem) => problem.rule))).toEqual(new Set([id]));
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

const workers = (change: Partial<NodeGroupSettings>): Partial<EksSettings> => ({
  groups: { "selfManagedGroups.workers": { ...WORKERS, ...change } },
});
const ARN = "arn:aws:iam::123456789012";
const role = (arn: string): Partial<EksSettings> => ({ mappedRoles: [{ arn, username: "ops", groups: [] }] });

const inside = workers({ subnets: "private" });
const there: Partial<EksSettings> = {
  ...inside,
  ...{ existingNetwork: CORPORATE, networkCidr: CORPORATE.cidr, nat: "none" },
  availabilityZones: CORPORATE.subnets.map(({ availabilityZone }) => availabilityZone),
};
const inOneZone: Partial<EksSettings> = {
  existingNetwork: { ...CORPORATE, subnets: CORPORATE.subnets.slice(0, 1) },
  availabilityZones: ["eu-west-1a"],
};

test("takes a network that is there (FT-62, FT-66)", () => {
  expect(problems(there)).toEqual([]);
});

test.each<[id: string, what: string, change: Partial<EksSettings>]>([
  ["group-size", "fewer at most than at least", workers({ min: 3, desired: 3, max: 2 })],
  ["group-size", "no node at most", workers({ min: 0, desired: 0, max: 0 })],
  ["instance-types", "a type twice", workers({ instanceTypes: ["m5.large", "m5.large"] })],
  ["architecture", "types of both architectures", workers({ instanceTypes: ["m5.large", "m7g.large"] })],
  ["operating-system", "a managed group of Ubuntu", workers({ managed: true, operatingSystem: "ubuntu" })],
  ["al2", "Amazon Linux 2 without an image", { ...workers({ operatingSystem: "al2" }), kubernetesVersion: "1.32" }],
  ["labels", "a value with a space", workers({ labels: { tier: "the web" } })],
  [
    "taints",
    "a taint given twice",
    workers({
      taints: [
        { key: "a", effect: "NoExecute" },
        { key: "a", effect: "NoExecute" },
      ],
    }),
  ],
  [
    "max-pods",
    "more pods than the smaller of two types has addresses for",
    workers({ instanceTypes: ["m5.large", "t3.small"], maxPods: 29 }),
  ],
  ["max-pods", "room for less than what every node runs", workers({ maxPods: 3 })],
  [
    "kubelet-settings",
    "settings that Bottlerocket does not take",
    workers({ operatingSystem: "bottlerocket", kubelet: { maxParallelImagePulls: 2 } }),
  ],
  [
    "kubelet-settings",
    "settings that Ubuntu's snap does not take",
    workers({ operatingSystem: "ubuntu", kubelet: { evictionHard: { "memory.available": "5%" } } }),
  ],
  ["kubelet-settings", "pods in two places", workers({ kubelet: { maxPods: 20 } })],
  [
    "plain-text",
    "what Terraform would read as an expression, in a setting of kubelets (FT-73)",
    workers({ kubelet: { systemReserved: { memory: "${var.memory}" } } }),
  ],
  [
    "plain-text",
    "a directive of Terraform's, in a group of people",
    { mappedRoles: [{ arn: `${ARN}:role/ops`, username: "ops", groups: ["%{ if true }x%{ endif }"] }] },
  ],
  ["addon-version", "a version without its build (FT-79)", { addons: { coredns: { version: "v1.13.1" } } }],
  ["spot", "a strategy that is none", workers({ spot: { allocation: "cheapest" } })],
  ["role-not-profile", "the instance profile of the nodes (FT-76, F-24)", role(`${ARN}:instance-profile/nodes`)],
  ["role-arn", "the name of a role (FT-76)", role("nodes")],
  [
    "role-arn",
    "the ARN that a taken role has (FT-76)",
    role("arn:aws:sts::123456789012:assumed-role/nodes/i-0123456789abcdef0"),
  ],
  [
    "username",
    "what Terraform would read as an expression",
    { mappedRoles: [{ arn: `${ARN}:role/ops`, username: "${var.x}", groups: [] }] },
  ],
  [
    "existing-network-private",
    "a public endpoint in a network that is there (FT-66)",
    { ...there, publicCidrs: ["0.0.0.0/0"] },
  ],
  ["existing-network-private", "nodes with public addresses there (FT-86)", { ...there, ...workers({}) }],
  ["zone-count", "a network in one zone (FT-62)", { ...there, ...inOneZone }],
  [
    "subnet-addresses",
    "more nodes than a subnet of it has addresses for (FT-80)",
    { ...there, ...workers({ subnets: "private", max: 26 }) },
  ],
  ...["AmazonEKSViewPolicy ", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"].map(
    (name): [string, string, Partial<EksSettings>] => [
      "access-policies",
      `the policy ${name}`,
      { accessRights: { ann: { groups: [], policies: [{ name }] } } },
    ],
  ),
  [
    "pod-identities-apart",
    "a role for ExternalDNS under another name",
    {
      podIdentities: { dns: { ...S3, namespace: "external-dns", serviceAccount: "external-dns" } },
      privateDns: { zone: "prod.aws.corp.example", externalDns: true },
    },
  ],
  ["pod-identities", "a namespace with a dot", { podIdentities: { s3: { ...S3, namespace: "a.b" } } }],
  ["access-entries", "one principal twice", { accessEntries: { a: `${ARN}:role/ops`, b: `${ARN}:role/ops` } }],
  [
    "subnet-addresses",
    "a hundred nodes of 60 addresses in a /20",
    { ...workers({ max: 300, instanceTypes: ["m5.4xlarge"] }), networkCidr: "192.168.0.0/20" },
  ],
])("rejects by %s: %s", (id, _, change) => {
  expect(ruleIds(change)).toEqual([id]);
});

test("takes rights of entries and roles of pods, as EKS does (FT-76)", () => {
  const policies = [
    { name: "AmazonEKSClusterAdminPolicy" },
    { name: "AmazonARCRegionSwitchScalingPolicy" },
    { name: "AmazonEKSViewPolicy", namespaces: ["default", "team-*"] },
  ];

  expect(
    problems({
      accessRights: { ann: { groups: ["ops:admins"], policies } },
      podIdentities: { s3: S3, sqs: { ...S3, serviceAccount: "sqs.reader" } },
    }),
  ).toEqual([]);
});

test.each([
  ["10s", "10s"],
  ["1m30s", "90s"],
  ["1h", "1s"],
  ["whatever kubelet says of it", "10s"],
])("takes a kubelet that shuts down in %s, critical pods in the last %s (FT-97)", (all, critical) => {
  const kubelet = { shutdownGracePeriod: all, shutdownGracePeriodCriticalPods: critical };

  expect(problems(workers({ kubelet }))).toEqual([]);
});

test.each([
  [{ imageGCLowThresholdPercent: 90, imageGCHighThresholdPercent: 80 }, "kubelet-image-thresholds"],
  [{ imageGCLowThresholdPercent: 80, imageGCHighThresholdPercent: 80 }, "kubelet-image-thresholds"],
  [{ imageGCLowThresholdPercent: 85 }, "kubelet-image-thresholds"],
  [{ shutdownGracePeriodCriticalPods: "10s" }, "kubelet-grace-periods"],
  [{ memorySwap: { swapBehavior: "UnlimitedSwap" } }, "kubelet-choices"],
  [{ logging: { format: "klog" } }, "kubelet-choices"],
])("rejects a kubelet of %j (FT-97)", (kubelet, id) => {
  expect(ruleIds(workers({ kubelet }))).toEqual([id]);
});

test("takes the signs of an expression as Terraform has them written (FT-73)", () => {
  expect(problems(workers({ kubelet: { providerID: "$${x} %%{y}" } }))).toEqual([]);
});

test.each(["bottlerocket", "ubuntu", "al2023"] as const)(
  "takes settings of kubelets that %s has too (FT-73)",
  (system) => {
    const kubelet = { systemReserved: { memory: "200Mi" }, podPidsLimit: 1024 };

    expect(problems(workers({ operatingSystem: system, kubelet }))).toEqual([]);
  },
);

test("takes a role with a path, whose path goes (FT-76)", () => {
  expect(problems(role(`${ARN}:role/teams/ops`))).toEqual([]);
});

const wide = (cidr: string, change: Partial<NodeGroupSettings>) =>
  problems({ ...workers(change), networkCidr: cidr }).map(({ path, value }) => [path, value]);

test("names the subnet that is too small, and how many addresses it lacks (FT-80, F-27)", () => {
  // A third of the nodes in each, 20 addresses to a node: 2 interfaces of 10.
  expect(wide("192.168.0.0/24", { max: 3 })).toEqual([]);
  expect(wide("192.168.0.0/24", { max: 4 })).toEqual([
    ["public subnet 0 (192.168.0.0/27)", { free: 20, needed: 40, missing: 20 }],
    ["public subnet 1 (192.168.0.32/27)", { free: 21, needed: 40, missing: 19 }],
    ["public subnet 2 (192.168.0.64/27)", { free: 21, needed: 40, missing: 19 }],
  ]);
  expect(wide("192.168.0.0/24", { max: 4, subnets: "private" }).map(([path]) => path)).toEqual([
    "private subnet 0 (192.168.0.96/27)",
    "private subnet 1 (192.168.0.128/27)",
    "private subnet 2 (192.168.0.160/27)",
  ]);
});

test.each([
  ["prefixes", { prefixDelegation: true }, 33],
  ["subnets of their own", { customNetworking: true }, 1],
])("reckons with %s for pods (FT-80)", (_, addresses, each) => {
  const rooms = roomOfSubnets({ ...good, ...workers({ max: 3 }), ...addresses });

  expect(Object.values(rooms)[0]!.needed).toBe(each);
});

test("counts the nodes that an update of a managed group adds (FT-80, F-27)", () => {
  expect(wide("192.168.0.0/22", { max: 12 })).toEqual([]);
  expect(wide("192.168.0.0/22", { max: 12, managed: true })[0]).toEqual([
    "public subnet 0 (192.168.0.0/25)",
    { free: 116, needed: 120, missing: 4 },
  ]);
});

test("suggests the types that are meant, since a CNI gives no address on one that nobody knows (FT-80, F-26, S3-21)", () => {
  const [problem] = problems(workers({ instanceTypes: ["t3.mediun"] }));

  expect(problem!.sentence).toContain('"near":["t3.medium"');
});

test("says everything that is wrong at once", () => {
  expect(ruleIds({ clusterName: "", networkCidr: "x", nat: "double" as "none", availabilityZones: 7 })).toEqual([
    "cluster-name",
    "cidr",
    "zone-count",
    "nat",
  ]);
});
