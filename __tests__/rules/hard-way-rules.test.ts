import { WELL_FORMED } from "../../constructs/rules/form";
import { HARD_WAY_RULES } from "../../constructs/rules/hard-way-rules";
import type { HardWaySettings } from "../../constructs/rules/hard-way-settings";
import { PRIVATE } from "../../constructs/rules/private";
import { problemsOf } from "../../constructs/rules/rule";
import { CORPORATE } from "../support/hybrid";

const good: HardWaySettings = {
  form: WELL_FORMED,
  clusterName: "blue",
  kubernetesVersion: "1.36.3",
  region: "eu-west-1",
  topology: "public",
  nat: "none",
  apiExposure: "internet",
  bastion: undefined,
  access: "ssh",
  ssmAgent: false,
  policies: {},
  permissionsBoundary: undefined,
  inlinePolicies: {},
  instanceProfiles: {},
  containerRegistry: undefined,
  logs: undefined,
  flowLogs: undefined,
  gatewayRoutes: undefined,
  existingNetwork: undefined,
  proxy: undefined,
  networkCidr: "10.240.0.0/24",
  availabilityZones: 1,
  podNetwork: "vpc-routes",
  podCidr: "10.200.0.0/16",
  serviceCidr: "10.32.0.0/24",
  controlPlane: { count: 3, instanceType: "t3.small", firstHost: 10 },
  workers: { count: 3, instanceType: "t3.small", firstHost: 20, labels: {}, taints: [] },
  workerPools: {},
  adminCidrs: ["198.51.100.0/24"],
  allowOpenAdminCidrs: false,
  sshAddress: "public",
  sshTimeout: "5m",
  sshBastion: undefined,
  downloadMirror: "",
  imageMirror: "",
  packageMirror: "",
  checksums: {},
  healthCheck: "https",
  kubeProxyMode: "iptables",
  certificateAlgorithm: "RSA",
  validityHours: 8760,
  earlyRenewalHours: 720,
  extraArguments: {},
  kubeletConfiguration: {},
  containerdConfiguration: "",
};
const GPU = { count: 1, instanceType: "t3.small", firstHost: 60, labels: {}, taints: [] };
const TAINT = { key: "dedicated", value: "gpu", effect: "NoSchedule" } as const;
const NO_MIRROR = { downloadMirror: "", imageMirror: "", packageMirror: "" };
const problems = (change: Partial<HardWaySettings>) => problemsOf(HARD_WAY_RULES, { ...good, ...change });
const sentences = (change: Partial<HardWaySettings>) => problems(change).map((problem) => problem.sentence);
const ruleIds = (change: Partial<HardWaySettings>) => [...new Set(problems(change).map((problem) => problem.rule))];
const workers = (change: Partial<HardWaySettings["workers"]>) => ({ workers: { ...good.workers, ...change } });
const controlPlane = (change: Partial<HardWaySettings["workers"]>) => ({
  controlPlane: { ...good.controlPlane, ...change },
});

test("good settings have no problem", () => {
  expect(sentences({})).toEqual([]);
});

test("the rules are these, in this order", () => {
  expect(HARD_WAY_RULES.map((rule) => rule.id)).toEqual([
    "known-settings",
    "needed-settings",
    "types-of-settings",
    "cluster-name",
    "kubernetes-version",
    "version-skew",
    "region",
    "cidr",
    "blocks-usable",
    "network-size",
    "service-size",
    "cidrs-apart",
    "pod-blocks",
    "pod-network",
    "vxlan-blocks",
    "zone-count",
    "zone-names",
    "topology",
    "nat",
    "api-exposure",
    "bastion-type",
    "bootstrap-path",
    "existing-network-private",
    "existing-network-ids",
    "existing-subnets",
    "existing-subnets-inside",
    "existing-route-tables",
    "existing-network-alone",
    "gateway-routes-own-network",
    "gateway-route-block",
    "gateway-route-target",
    "gateway-routes-one-vpn",
    "vpc-endpoint-features",
    "vpc-endpoint-services",
    "vpc-endpoint-callers",
    "private-zone",
    "private-zone-id",
    "resolver-inbound",
    "resolver-forward",
    "resolver-subnets",
    "control-plane-odd",
    "worker-count",
    "worker-total",
    "instance-size",
    "addresses-inside",
    "machines-apart",
    "pool-name",
    "pool-blocks",
    "labels",
    "label-prefix",
    "taints",
    "untainted-pool",
    "admin-cidrs",
    "admin-cidrs-open",
    "admin-cidrs-count",
    "api-callers",
    "ssh-address",
    "private-ssh",
    "ssh-timeout",
    "ssh-bastion-alone",
    "ssh-bastion-used",
    "ssh-bastion-host",
    "ssh-bastion-port",
    "ssh-bastion-user",
    "ssh-bastion-private-key",
    "ssh-bastion-host-keys",
    "ssh-bastion-source",
    "ssh-bastion-cidr",
    "ssh-bastion-group",
    "access",
    "ssm-agent",
    "ssm-way-out",
    "policies",
    "inline-policies",
    "instance-profiles",
    "instance-profile-alone",
    "permissions-boundary",
    "flow-logs-retention",
    "flow-logs-bucket",
    "repository-name",
    "repository-kms-key",
    "repository-lifecycle",
    "pull-through-prefix",
    "pull-through-registry",
    "pull-through-credential",
    "logs-group-name",
    "logs-retention",
    "logs-kms-key",
    "logs-way-out",
    "private-mirrors",
    "mirror",
    "checksums",
    "proxy-url",
    "proxy-exceptions",
    "proxy-ca",
    "early-renewal",
    "health-check",
    "kube-proxy-mode",
    "certificates-algorithm",
    "extra-arguments-component",
    "extra-arguments-form",
    "extra-arguments-refused",
    "kubelet-configuration",
    "containerd-configuration",
    "kubelet-choices",
    "kubelet-image-thresholds",
    "kubelet-grace-periods",
  ]);
});

test("no two rules have one id", () => {
  const ids = HARD_WAY_RULES.map((rule) => rule.id);

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
    'clusterName "a-name-of-more-than-twenty" must be 1 to 20 lower-case letters, digits and hyphens, begin with a letter and not with internal- or sg-: AWS ends a load balancer\'s name at 32 and keeps those for itself; use a shorter name such as prod-eu',
  ],
  [
    "kubernetes-version",
    'kubernetesVersion "1.21.0" must be one of 1.34.4, 1.35.4, 1.36.3, the versions whose files and sums are known; leave it out for the newest',
  ],
  [
    "version-skew",
    'workers.kubernetesVersion "1.36.3" must not be newer than kubernetesVersion nor more than three minor versions older, or kubelets ask what the API server does not know; upgrade the control plane first, then the workers',
  ],
  ["region", 'region "Ireland" must be the code of an AWS region; write it as in eu-west-1'],
  [
    "cidr",
    'podCidr "10.200.0.1/16" must be an IPv4 CIDR without host bits; write the network\'s first address and its length, such as 10.200.0.0/16',
  ],
  [
    "blocks-usable",
    'podCidr "169.254.0.0/16" must not be of addresses that no machine can have: 0.0.0.0/8, loopback, link-local or multicast and above; use a private block such as 10.200.0.0/16',
  ],
  [
    "network-size",
    'networkCidr "10.240.0.0/15" must be a /16 to a /26: AWS has no larger VPC, and a smaller one has no room for the fixed addresses; use a block such as 10.240.0.0/24',
  ],
  [
    "service-size",
    'serviceCidr "10.32.0.0/28" must be a /12 to a /24: kube-apiserver takes no larger one, and DNS has the tenth address; use a block such as 10.32.0.0/24',
  ],
  [
    "cidrs-apart",
    'networkCidr and serviceCidr ["10.240.0.0/24","10.240.0.0/24"] must not overlap, because an address would then be a machine\'s, a pod\'s and a service\'s at once; move one of them, for example to 10.32.0.0/24',
  ],
  [
    "pod-blocks",
    `podCidr "10.200.0.0/24" must hold a /24 for each worker, whose number is the worker's in the default pool and its address's in another; use a /16 such as 10.200.0.0/16`,
  ],
  [
    "pod-network",
    'podNetwork "flannel" must be vpc-routes or vxlan; use vpc-routes, or vxlan where there are more workers than a route table has routes',
  ],
  [
    "vxlan-blocks",
    'podCidr "10.200.0.0/23" must hold one /24 more than there are workers, in which controllers have their addresses of the overlay; use a /16 such as 10.200.0.0/16',
  ],
  [
    "zone-count",
    "availabilityZones 0 must be 1 to 6 zones, of which no region has more; use 1, or 3 for a cluster that outlives a zone",
  ],
  [
    "zone-names",
    'availabilityZones ["eu-west-1a","eu-west-1a"] must name each zone once, by its name, and all of one region; write them as in eu-west-1a',
  ],
  ["topology", 'topology "hybrid" must be public or private; use private for machines without public addresses'],
  [
    "nat",
    'nat "single" must be none, single or per-zone, and none where machines have public addresses of their own; leave it out, or make the topology private',
  ],
  [
    "api-exposure",
    'apiExposure "internet" must be internet or internal, and internal where machines have neither public addresses nor NAT, or no kubelet could reach the API; use internal, or give private machines NAT',
  ],
  ["bastion-type", 'bastion.instanceType "small" must be an instance type; use t3.micro'],
  [
    "bootstrap-path",
    'ssh.address "" must say how Terraform reaches machines that have no public address, and there is no bastion; add a bastion or name one in ssh.bastion, or say private where Terraform runs inside the network',
  ],
  [
    "existing-network-private",
    'nat "single" must not make anything that faces the internet in a network that is there: topology private, nat none, apiExposure internal and no bastion; leave it out, since what leads out of that network belongs to those who made it',
  ],
  [
    "existing-network-ids",
    'existingNetwork.vpcId "corporate" must have the form of ids of VPCs, subnets and route tables: vpc-, subnet- or rtb- and 8 to 17 hexadecimal digits; copy it from the VPC console, or from the output of the Terraform that made it',
  ],
  [
    "existing-subnets",
    "existingNetwork.routeTableIds 0 must have at least one: subnets for the machines and, unless pods use vxlan, the tables for the routes to pods; name the subnets, one for each zone, and every route table that one of them uses",
  ],
  [
    "existing-subnets-inside",
    'existingNetwork.subnets[0] ["10.241.0.0/25","10.240.0.0/24"] must have a block without host bits inside that of the network, or firewall rules would not know its machines; write the blocks as the VPC console shows them',
  ],
  [
    "existing-route-tables",
    'existingNetwork.routeTableIds ["rtb-0123456789abcdef0","rtb-0123456789abcdef0"] must name each route table once, since a table takes one route to the pods of a worker; take the second one out',
  ],
  [
    "existing-network-alone",
    'networkCidr ["10.239.0.0/24","10.240.0.0/24"] must be what existingNetwork says; leave it out',
  ],
  [
    "gateway-routes-own-network",
    'gatewayRoutes ["10.1.0.0/16"] must not be given for a network that is there, whose routes are those of its owner; leave it out, and have the route added there',
  ],
  [
    "gateway-route-block",
    "gatewayRoutes.10.0.0.0/8 \"10.0.0.0/8\" must be an IPv4 CIDR without host bits, and hold no address of networkCidr, podCidr or serviceCidr, or the cluster's own would be looked for on the other side; name the other side's blocks one by one, such as 10.1.0.0/16",
  ],
  [
    "gateway-route-target",
    'gatewayRoutes.10.1.0.0/16 "dxgw-1234" must be the id of a VPN gateway or a transit gateway: vgw- or tgw- and 8 to 17 hexadecimal digits; copy it from the VPC console, for Direct Connect that of the one that its gateway is associated with',
  ],
  [
    "gateway-routes-one-vpn",
    'gatewayRoutes ["vgw-0123456789abcdef0","vgw-0123456789abcdef1"] must name one VPN gateway at most, since a VPC has one; route all of it through one, or through a transit gateway',
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
    "resolver-subnets",
    "availabilityZones 1 must be two at least with privateDns.resolver, whose endpoints have an address in each of two subnets; use two zones or name a second subnet, or leave the resolver out",
  ],
  ["control-plane-odd", "controlPlane.count 2 must be 1, 3, 5 or 7, so that etcd keeps a majority; use 3"],
  ["worker-count", "workers.count 0 must be a whole number, and at least 1; use 3"],
  [
    "worker-total",
    "workers.count and workerPools 51 must be at most 50 in all where workers with public addresses call an API that faces the internet, since a security group takes 60 rules, and at most 490 where pods use vpc-routes, since a route table takes 500 routes; use fewer and larger machines, an internal API, or vxlan",
  ],
  [
    "instance-size",
    'workers.instanceType "t3.nano" must have at least 2 vCPUs and 2 GiB of memory, below which the API server starves; use t3.small or larger',
  ],
  [
    "addresses-inside",
    "controlPlane.firstHost 1 must leave every machine of the group inside its subnet and off the subnet's first four and its last address, which AWS keeps; use 10 for the control plane and 20 for the workers, and a networkCidr that leaves each subnet enough addresses",
  ],
  [
    "machines-apart",
    "controlPlane and workers [10,12,11,13] must have addresses of their own; begin the workers after the last controller, for example at 20, and each pool after the one before it",
  ],
  [
    "pool-name",
    'workerPools.worker "worker" must be 1 to 20 lower-case letters, digits and hyphens, begin with a letter, not end in a number after a hyphen, and be neither worker, controller nor bastion: machines are named by it and their number; use a name such as gpu',
  ],
  [
    "pool-blocks",
    "workers.count and workerPools.gpu.firstHost [8,5] must not meet: a pool's machine has the pod block of its address's number, and the default pool has those from 0 on; begin the pool at a higher address, such as 60",
  ],
  [
    "labels",
    'workers.labels {"my tier":"web"} must have keys and values of at most 63 letters, digits, hyphens, underscores and dots, a key with an optional DNS name and a slash before it; write them as in example.com/tier: web',
  ],
  [
    "label-prefix",
    'workers.labels {"node-role.kubernetes.io/worker":""} must not lie below kubernetes.io or k8s.io, where a kubelet may give itself only what is under node.kubernetes.io and kubelet.kubernetes.io; use a name of your own such as example.com/role, or node.kubernetes.io/role',
  ],
  [
    "taints",
    'workers.taints [{"key":"dedicated","effect":"NoRun"}] must have keys and values as labels have, the effect NoSchedule, PreferNoSchedule or NoExecute, and each key with an effect once; write them as in { key: \'dedicated\', value: \'gpu\', effect: \'NoSchedule\' }',
  ],
  [
    "untainted-pool",
    'workers.taints and workerPools [["NoSchedule"]] must leave one pool that keeps no pods away, or cluster DNS would run nowhere; take the taints off one pool',
  ],
  [
    "admin-cidrs",
    "adminCidrs [] must name at least one IPv4 CIDR, without host bits, from which people reach SSH and the API; write your office's or VPN's block, or your own address with /32",
  ],
  [
    "admin-cidrs-open",
    'adminCidrs ["0.0.0.0/0"] must not open SSH and the API to the whole internet or much of it: no block larger than a /8; name the blocks that need them, or set allowOpenAdminCidrs',
  ],
  [
    "admin-cidrs-count",
    `adminCidrs ${JSON.stringify(Array.from({ length: 26 }, (_, index) => `198.51.100.${index}/32`))} must be at most 25 blocks, each of which takes two of the 60 rules of a security group; name larger blocks, or that of a VPN`,
  ],
  [
    "api-callers",
    "workers.count, workerPools, adminCidrs and bastion 61 must be at most 60 in all where workers with public addresses call an API that faces the internet, since each worker and each block has a rule in one security group, which takes 60; use fewer machines or larger blocks, or an internal API",
  ],
  [
    "ssh-address",
    'ssh.address "both" must be public or private, or bastion where the cluster has one; use private where Terraform runs inside the network',
  ],
  [
    "private-ssh",
    'ssh.address "public" must not be public where machines have no public address; leave it out, and run Terraform where the network is reached',
  ],
  ["ssh-timeout", 'ssh.timeout "soon" must be a number of seconds or minutes; write it as in 5m'],
  [
    "ssh-bastion-alone",
    'bastion ["instanceType"] must not be given beside ssh.bastion, since Terraform goes through one of them; leave out bastion, or ssh.bastion',
  ],
  [
    "ssh-bastion-used",
    `ssh.address "private" must be bastion where ssh.bastion is named, or nothing would go through it; leave it out, or leave out ssh.bastion`,
  ],
  [
    "ssh-bastion-host",
    `ssh.bastion.host "ec2-user@bastion.corp.example" must be a name or an address, without user and port; write it as in bastion.corp.example, its user in ssh.bastion.user and its port in ssh.bastion.port`,
  ],
  ["ssh-bastion-port", `ssh.bastion.port 0 must be a port, 1 to 65535; leave it out for 22`],
  ["ssh-bastion-user", `ssh.bastion.user "" must be the name of a user there; write it as in ec2-user`],
  [
    "ssh-bastion-private-key",
    `ssh.bastion.privateKey "***" must come from Terraform, since plain text would stand in what is generated; pass a sensitive Terraform variable, or what a data source reads from a store of secrets`,
  ],
  [
    "ssh-bastion-host-keys",
    `ssh.bastion.hostKeys [] must be the public keys of an SSH server, ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256 or -nistp384, one of a type, or anybody could answer as the bastion; read them there, by cat /etc/ssh/ssh_host_*_key.pub`,
  ],
  [
    "ssh-bastion-source",
    `ssh.bastion.cidr and ssh.bastion.securityGroupId 0 must be one of them: machines let SSH in from there, and from nowhere else for it; name the bastion's security group, or the block that machines see it come from`,
  ],
  [
    "ssh-bastion-cidr",
    `ssh.bastion.cidr "0.0.0.0/0" must be an IPv4 CIDR without host bits, no larger than a /8; write the bastion's own address with /32`,
  ],
  [
    "ssh-bastion-group",
    `ssh.bastion.securityGroupId "bastion" must be the id of a security group: sg- and 8 to 17 hexadecimal digits, after ACCOUNT/ where a peered VPC of another account has it; copy it from the VPC console, or from the output of the Terraform that made it`,
  ],
  ["access", 'access "telnet" must be ssh, ssm, instanceConnect or none; use ssh'],
  [
    "ssm-agent",
    "operatingSystem false must be one whose image has the SSM agent where people come in by SSM, and that of Debian has none; use UBUNTU_2404, or another access",
  ],
  [
    "ssm-way-out",
    'nat "none" must not be none where people come in by SSM to private machines, whose agents call AWS; use single, an endpoint by vpcEndpoints with ssm, or another access',
  ],
  [
    "policies",
    `iam.policies.workers {"ecr":"AmazonEC2ContainerRegistryReadOnly"} must map names of lower-case letters, digits and hyphens to ARNs of IAM policies; write them as in ecr: 'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly'`,
  ],
  [
    "inline-policies",
    'iam.inlinePolicies.workers {"read":"s3:GetObject"} must map names of lower-case letters, digits and hyphens to JSON of IAM policies; give the text of a document with Version and Statement',
  ],
  [
    "instance-profiles",
    'iam.instanceProfiles.workers "arn:aws:iam::123456789012:instance-profile/corp-kubernetes-worker" must be the name of an instance profile, not its ARN; write it as in corp-kubernetes-worker',
  ],
  [
    "instance-profile-alone",
    'iam.instanceProfiles.workers ["policies"] must not stand beside policies or inlinePolicies of the same role, which belongs to those who made it; leave one of them out',
  ],
  [
    "permissions-boundary",
    'iam.permissionsBoundary "boundary" must be the ARN of an IAM policy; write it as in arn:aws:iam::123456789012:policy/boundary',
  ],
  [
    "flow-logs-retention",
    "flowLogs.retentionDays 10 must be a number of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; use 30",
  ],
  [
    "flow-logs-bucket",
    'flowLogs.bucketArn "my-flow-logs" must be the ARN of an S3 bucket, with or without a folder; write it as in arn:aws:s3:::my-flow-logs',
  ],
  [
    "repository-name",
    'containerRegistry.repositories.App "App" must be a name as ECR takes it: lower-case letters and digits, with . _ - or / between them; write it as in team/app',
  ],
  [
    "repository-kms-key",
    'containerRegistry.repositories.app.kmsKeyArn "alias/images" must be the ARN of a KMS key; write it as in arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  ],
  ["repository-lifecycle", "containerRegistry.repositories.app.images 0 must be a whole number above 0; leave it out"],
  [
    "pull-through-prefix",
    'containerRegistry.pullThrough.k "k" must be 2 to 30 lower-case letters and digits, with . _ - or / between them; write it as in kubernetes',
  ],
  [
    "pull-through-registry",
    'containerRegistry.pullThrough.hub.registry "docker.io" must be a registry that ECR caches: public.ecr.aws, registry.k8s.io, quay.io, registry-1.docker.io, ghcr.io, registry.gitlab.com or NAME.azurecr.io; write it without a scheme, and docker.io as registry-1.docker.io',
  ],
  [
    "pull-through-credential",
    'containerRegistry.pullThrough.hub.credentialArn "" must be the ARN of a secret whose name begins with ecr-pullthroughcache/, since that registry asks for a user; make the secret with username and accessToken, and name its ARN',
  ],
  [
    "logs-group-name",
    'logs.groupName "cluster logs" must be a name as CloudWatch takes it: letters, digits and _ / . # -, and not begin with aws/; write it as in /k8s-cluster',
  ],
  [
    "logs-retention",
    "logs.retentionDays 10 must be a number of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; use 30",
  ],
  [
    "logs-kms-key",
    'logs.kmsKeyArn "alias/logs" must be the ARN of a KMS key; write it as in arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  ],
  [
    "logs-way-out",
    'nat "none" must not be none where private machines send logs to CloudWatch; use single, an endpoint by vpcEndpoints with logs, or a proxy',
  ],
  [
    "private-mirrors",
    'mirrors.images "" must be named where nothing leads to the internet, or no node could fetch anything; name a mirror inside the network, or give private machines NAT or a proxy',
  ],
  [
    "mirror",
    'mirrors.images "mirror.example.com" must be empty or an http(s) URL; write it as in https://mirror.example.com',
  ],
  [
    "checksums",
    'checksums {"dl.k8s.io/kubelet":"abc"} must map URLs without their scheme to sha256 sums of 64 hexadecimal digits; take them from the publisher, or from sha256sum of the files in your mirror',
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
    "early-renewal",
    "certificates.earlyRenewalHours [8760,8760] must be below certificates.validityHours, or every apply would issue every certificate anew; use 720 of 8760",
  ],
  ["health-check", 'healthCheck "http" must be https, tcp or nginx; use https, or leave it out'],
  ["kube-proxy-mode", 'kubeProxyMode "ipvs" must be iptables or nftables; use iptables, or leave it out'],
  ["certificates-algorithm", 'certificates.algorithm "ED25519" must be RSA or ECDSA; use RSA, or leave it out'],
  [
    "extra-arguments-component",
    'extraArguments.apiserver "apiserver" must be one of etcd, kubeApiserver, kubeControllerManager, kubeScheduler, kubelet, kubeProxy; write the program\'s name so',
  ],
  [
    "extra-arguments-form",
    'extraArguments.kubeApiserver.--event-ttl ["kubeApiserver","--event-ttl","2h"] must be a flag without its dashes, and a text without spaces, quotes and backslashes, which systemd would take for its own; write it as in { "event-ttl": "2h" }',
  ],
  [
    "extra-arguments-refused",
    'extraArguments.kubeApiserver.anonymous-auth ["kubeApiserver","anonymous-auth","true"] must not be a flag that the library sets itself or that would open the cluster; leave it out, or use the prop of the cluster that is meant for it',
  ],
  [
    "kubelet-configuration",
    'kubeletConfiguration.readOnlyPort "readOnlyPort" must be a field of KubeletConfiguration that the library does not keep: identity, addresses and what protects the node are its own; leave it out',
  ],
  [
    "containerd-configuration",
    "containerdConfiguration \"[debug]\\nlevel = 'debug'\\n\" must be TOML of version 3, without imports, root and state, which the library keeps; begin it with the line version = 3",
  ],
  [
    "kubelet-choices",
    'kubeletConfiguration.topologyManagerPolicy ["topologyManagerPolicy","numa"] must be what kubelet takes: cpuManagerPolicy none or static, memoryManagerPolicy None or Static, topologyManagerPolicy none, best-effort, restricted or single-numa-node, topologyManagerScope container or pod, logging.format text or json, memorySwap.swapBehavior NoSwap or LimitedSwap; write it so, or leave it out',
  ],
  [
    "kubelet-image-thresholds",
    "kubeletConfiguration.imageGCLowThresholdPercent and imageGCHighThresholdPercent [80,75] must have the first below the second, or kubelet ends, which has 80 and 85 where one is not given; give both",
  ],
  [
    "kubelet-grace-periods",
    'kubeletConfiguration.shutdownGracePeriodCriticalPods and shutdownGracePeriod ["1m","10s"] must not give critical pods more than all of them have, or kubelet ends, which has 0s where one is not given; raise the second',
  ],
];

test("every rule has an example here", () => {
  expect(EXAMPLES.map(([id]) => id)).toEqual(HARD_WAY_RULES.map((rule) => rule.id));
});

test.each(EXAMPLES)("rejects the example of %s with its sentence, and for no other reason", (id, sentence) => {
  const rule = HARD_WAY_RULES.find((candidate) => candidate.id === id)!;

  expect(problemsOf(HARD_WAY_RULES, rule.breaks(good)).map((problem) => [problem.rule, problem.sentence])).toEqual([
    [id, sentence],
  ]);
});

test.each(HARD_WAY_RULES)("the sentence of $id says what must hold, then the cure", ({ must, cure }) => {
  expect(`${must}; ${cure}`).toMatch(/^must [^;\n]+; [^;\n.A-Z][^;\n]*[^.\n]$/);
});

test.each<[string, Partial<HardWaySettings>]>([
  ["a cluster name of 20 letters", { clusterName: "abcdefghijklmnopqrst" }],
  ["a cluster name of one letter", { clusterName: "a" }],
  ["the oldest Kubernetes that is tested (F-01)", { kubernetesVersion: "1.34.4" }],
  ["workers that are still to be upgraded (F-02)", workers({ kubernetesVersion: "1.34.4" })],
  ["workers of the control plane's version (F-02)", workers({ kubernetesVersion: "1.36.3" })],
  ["a VPC of /16 and pods elsewhere", { networkCidr: "172.16.0.0/16" }],
  ["a VPC of /26", { networkCidr: "10.240.0.0/26" }],
  ["a service block of /12", { serviceCidr: "172.16.0.0/12" }],
  ["a pod block that the workers just fill", { podCidr: "10.200.0.0/23", ...workers({ count: 2 }) }],
  ["three zones", { availabilityZones: 3, networkCidr: "10.240.0.0/23" }],
  ["zones by their names", { availabilityZones: ["us-gov-west-1a", "us-gov-west-1b"] }],
  ["a local zone", { availabilityZones: ["us-west-2-lax-1a"] }],
  ["machines up to the last free address of half a network", { availabilityZones: 2, ...workers({ firstHost: 124 }) }],
  ["one controller", controlPlane({ count: 1 })],
  ["fifty workers", workers({ count: 50 })],
  [
    "fifty workers over all pools",
    { ...workers({ count: 48 }), workerPools: { gpu: { ...GPU, count: 2, firstHost: 70 } } },
  ],
  [
    "as many workers as a route table takes, behind an internal API",
    { ...PRIVATE, networkCidr: "10.240.0.0/16", podCidr: "10.192.0.0/12", ...workers({ count: 490 }) },
  ],
  [
    "more workers than a route table has routes, over vxlan (FT-54)",
    {
      ...PRIVATE,
      podNetwork: "vxlan",
      networkCidr: "10.240.0.0/16",
      podCidr: "10.192.0.0/12",
      ...workers({ count: 1000 }),
    },
  ],
  [
    "labels of every kind",
    workers({
      labels: {
        tier: "web",
        "example.com/a_b.c": "1.2-3",
        "node.kubernetes.io/role": "",
        "sub.kubelet.kubernetes.io/x": "y",
        "topology.kubernetes.io/zone": "a",
      },
    }),
  ],
  [
    "a tainted pool beside one that is not",
    { workerPools: { gpu: { ...GPU, taints: [TAINT, { ...TAINT, effect: "NoExecute" }] } } },
  ],
  ["a taint that only prefers", workers({ taints: [{ key: "busy", effect: "PreferNoSchedule" }] })],
  [
    "a pool that begins where the default one's pod blocks end",
    { ...workers({ count: 4 }), workerPools: { gpu: { ...GPU, firstHost: 4 } } },
  ],
  [
    "private machines with NAT, without a mirror, behind a bastion",
    { ...PRIVATE, nat: "per-zone", ...NO_MIRROR, bastion: { instanceType: "t3.micro" }, sshAddress: "bastion" },
  ],
  [
    "an API that faces the internet for private machines with NAT",
    { ...PRIVATE, nat: "single", apiExposure: "internet" },
  ],
  ["SSM where the image has the agent (FT-20)", { access: "ssm", ssmAgent: true }],
  [
    "a policy of AWS's own and one of an account",
    { policies: { workers: { ecr: "arn:aws-us-gov:iam::aws:policy/x", own: "arn:aws:iam::123456789012:policy/a/b" } } },
  ],
  ["flow logs in a folder of a bucket", { flowLogs: { bucketArn: "arn:aws:s3:::logs/vpc" } }],
  ["flow logs for a year", { flowLogs: { retentionDays: 365 } }],
  ["an internal API for public machines", { apiExposure: "internal" }],
  ["workers of t3.small (FT-18)", workers({ instanceType: "t3.small" })],
  ["bare metal", workers({ instanceType: "m5.metal" })],
  ["machines from the first free address on", controlPlane({ firstHost: 4 })],
  ["machines up to the last free address", workers({ firstHost: 252 })],
  ["workers before controllers", { ...workers({ firstHost: 4 }), ...controlPlane({ firstHost: 100 }) }],
  ["several admin blocks", { adminCidrs: ["198.51.100.0/24", "203.0.113.7/32"] }],
  ["the whole internet, when it is asked for", { adminCidrs: ["0.0.0.0/0"], allowOpenAdminCidrs: true }],
  ["SSH at private addresses", { sshAddress: "private" }],
  ["a timeout in seconds", { sshTimeout: "90s" }],
  ["mirrors over http and https", { downloadMirror: "http://mirror.example.com", imageMirror: "https://mirror:5000" }],
  [
    "flags that are a matter of taste",
    { extraArguments: { kubeApiserver: { "event-ttl": "2h" }, etcd: { "quota-backend-bytes": "8589934592" } } },
  ],
  ["kubelets with fewer pods", { kubeletConfiguration: { maxPods: 60 } }],
  ["containerd that says more", { containerdConfiguration: "version = 3\n[debug]\nlevel = 'debug'\n" }],
  ["certificates that are never renewed early", { earlyRenewalHours: 0 }],
])("accepts %s", (_, change) => {
  expect(sentences(change)).toEqual([]);
});

test.each<[string, string, Partial<HardWaySettings>]>([
  ["cluster-name", "an empty cluster name", { clusterName: "" }],
  ["cluster-name", "a cluster name in capitals", { clusterName: "Blue" }],
  ["cluster-name", "a cluster name that begins with a digit", { clusterName: "1blue" }],
  ["cluster-name", "a cluster name that AWS keeps for internal balancers", { clusterName: "internal-blue" }],
  ["cluster-name", "a cluster name that AWS keeps for its groups", { clusterName: "sg" }],
  ["cluster-name", "a cluster name that ends in a hyphen", { clusterName: "blue-" }],
  ["kubernetes-version", "a kubelet of 2018 (F-01)", { kubernetesVersion: "1.9.0" }],
  ["kubernetes-version", "a version that is out of support (F-01)", { kubernetesVersion: "1.33.13" }],
  ["kubernetes-version", "a patch that nobody has tested", { kubernetesVersion: "1.36.99" }],
  ["kubernetes-version", "workers of 2018 (F-01)", workers({ kubernetesVersion: "1.9.0" })],
  [
    "version-skew",
    "kubelets newer than the API server (F-02)",
    { kubernetesVersion: "1.34.4", ...workers({ kubernetesVersion: "1.35.4" }) },
  ],
  [
    "version-skew",
    "one pool of several that is newer than the API server (F-02)",
    {
      kubernetesVersion: "1.35.4",
      workerPools: { gpu: { ...good.workers, firstHost: 60, kubernetesVersion: "1.36.3" } },
    },
  ],
  ["cidr", "a network block that is none (FT-55)", { networkCidr: "10.240.0.0" }],
  ["cidr", "a service block with host bits (FT-55)", { serviceCidr: "10.32.0.10/24" }],
  ["network-size", "a VPC of /27 (FT-55)", { networkCidr: "10.240.0.0/27", ...workers({ firstHost: 14 }) }],
  ["network-size", "a VPC larger than AWS has (FT-55)", { networkCidr: "172.16.0.0/12" }],
  ["service-size", "a service block of /11 (FT-55)", { serviceCidr: "172.0.0.0/11" }],
  ["cidrs-apart", "pods inside the network (FT-05, FT-55)", { networkCidr: "10.200.0.0/24" }],
  ["cidrs-apart", "services inside the pods' block (FT-05, FT-55)", { serviceCidr: "10.200.255.0/24" }],
  ["pod-blocks", "a pod block that is smaller than its workers need (FT-55)", { podCidr: "10.200.0.0/23" }],
  ["pod-blocks", "a pod block smaller than one node's (FT-55)", { podCidr: "10.200.0.0/25", ...workers({ count: 1 }) }],
  ["zone-count", "no zone at all", { availabilityZones: [] }],
  ["zone-count", "half a zone", { availabilityZones: 1.5 }],
  ["zone-count", "more zones than there are", { availabilityZones: 7 }],
  ["zone-names", "a region for a zone", { availabilityZones: ["eu-west-1"] }],
  [
    "addresses-inside",
    "machines outside of half a network (F-28)",
    { availabilityZones: 2, ...workers({ firstHost: 125 }) },
  ],
  ["control-plane-odd", "a control plane of 4", controlPlane({ count: 4 })],
  ["control-plane-odd", "a control plane of 9", { ...controlPlane({ count: 9 }) }],
  [
    "worker-total",
    "51 workers over all pools",
    { ...workers({ count: 49 }), workerPools: { gpu: { ...GPU, count: 2, firstHost: 70 } } },
  ],
  [
    "worker-total",
    "more workers than a route table takes",
    { ...PRIVATE, networkCidr: "10.240.0.0/16", podCidr: "10.192.0.0/12", ...workers({ count: 491 }) },
  ],
  ["worker-count", "an empty pool", { workerPools: { gpu: { ...GPU, count: 0 } } }],
  ["pool-name", "a pool whose machines could be another's", { workerPools: { "gpu-1": GPU } }],
  ["pool-name", "a pool in capitals", { workerPools: { GPU } }],
  ["pool-name", "a pool of controllers", { workerPools: { controller: GPU } }],
  ["instance-size", "a pool of t3.nano (FT-18, F-03)", { workerPools: { gpu: { ...GPU, instanceType: "t3.nano" } } }],
  ["addresses-inside", "a pool outside the subnet", { workerPools: { gpu: { ...GPU, firstHost: 255 } } }],
  ["machines-apart", "a pool among the workers", { workerPools: { gpu: { ...GPU, firstHost: 22 } } }],
  ["machines-apart", "two pools at one address", { workerPools: { gpu: GPU, web: GPU } }],
  [
    "pod-blocks",
    "a pool whose numbers the pod block does not have",
    { podCidr: "10.200.0.0/18", workerPools: { gpu: { ...GPU, firstHost: 64 } } },
  ],
  ["labels", "a value with a space", workers({ labels: { tier: "the web" } })],
  ["labels", "a value of 64 letters", workers({ labels: { tier: "w".repeat(64) } })],
  ["labels", "a key with two slashes", workers({ labels: { "a/b/c": "" } })],
  ["labels", "a prefix in capitals", workers({ labels: { "Example.com/tier": "" } })],
  [
    "label-prefix",
    "a label that NodeRestriction keeps for admins",
    workers({ labels: { "node-restriction.kubernetes.io/tier": "web" } }),
  ],
  ["label-prefix", "a label of a project below k8s.io", workers({ labels: { "x.k8s.io/tier": "web" } })],
  ["taints", "a taint without a key", workers({ taints: [{ key: "", effect: "PreferNoSchedule" }] })],
  [
    "taints",
    "a taint given twice",
    { workerPools: { gpu: { ...GPU, taints: [TAINT, { ...TAINT, value: "other" }] } } },
  ],
  [
    "untainted-pool",
    "taints on every pool",
    { ...workers({ taints: [{ key: "a", effect: "NoExecute" }] }), workerPools: { gpu: { ...GPU, taints: [TAINT] } } },
  ],
  ["nat", "a NAT that is none", { ...PRIVATE, nat: "double" as "none" }],
  ["access", "two ways in at once (FT-20)", { access: "ssh,ssm" as "ssh" }],
  ["policies", "a policy's name with a space", { policies: { workers: { "my policy": "arn:aws:iam::aws:policy/x" } } }],
  ["permissions-boundary", "a boundary that is a role", { permissionsBoundary: "arn:aws:iam::123456789012:role/x" }],
  ["flow-logs-bucket", "a bucket in capitals", { flowLogs: { bucketArn: "arn:aws:s3:::Logs" } }],
  ["bastion-type", "a bastion of no type", { bastion: { instanceType: "" } }],
  ["ssh-address", "a way through a bastion that is not there", { sshAddress: "bastion" }],
  [
    "private-ssh",
    "public addresses of machines behind a bastion",
    { ...PRIVATE, bastion: { instanceType: "t3.micro" }, sshAddress: "public" },
  ],
  ["worker-count", "half a worker", workers({ count: 1.5 })],
  ["instance-size", "a control plane of t3.nano (FT-18, F-03)", controlPlane({ instanceType: "t3.nano" })],
  ["instance-size", "workers of t3.micro (FT-18, F-03)", workers({ instanceType: "t3.micro" })],
  ["instance-size", "an instance type that is none", workers({ instanceType: "small" })],
  ["addresses-inside", "a machine at the address of the VPC's router", controlPlane({ firstHost: 1 })],
  ["addresses-inside", "a machine at the address of the VPC's DNS", workers({ firstHost: 2 })],
  ["addresses-inside", "a machine at the broadcast address", workers({ firstHost: 253 })],
  ["machines-apart", "a worker at a controller's address", workers({ firstHost: 12 })],
  ["machines-apart", "controllers among the workers", controlPlane({ firstHost: 18 })],
  ["admin-cidrs", "no admin block", { adminCidrs: [] }],
  ["admin-cidrs", "an admin address without a length", { adminCidrs: ["198.51.100.7"] }],
  ["admin-cidrs", "one bad admin block among good ones", { adminCidrs: ["198.51.100.0/24", "198.51.100.7/24"] }],
  ["admin-cidrs-open", "both halves of the internet", { adminCidrs: ["0.0.0.0/1", "128.0.0.0/1"] }],
  ["zone-names", "zones of two regions", { availabilityZones: ["eu-west-1a", "eu-west-2a"] }],
  ["blocks-usable", "loopback addresses for services", { serviceCidr: "127.0.0.0/24" }],
  ["admin-cidrs-open", "the whole internet as admins", { adminCidrs: ["198.51.100.0/24", "0.0.0.0/0"] }],
  ["ssh-address", "an SSH address that is neither", { sshAddress: "" }],
  ["ssh-timeout", "a timeout without a unit", { sshTimeout: "300" }],
  ["ssh-timeout", "no timeout at all", { sshTimeout: "0s" }],
  ["mirror", "a mirror that is no web server", { packageMirror: "file:///srv/mirror" }],
  ["mirror", "a mirror with a space", { downloadMirror: "http://mirror example.com" }],
  ["mirror", "a mirror that no node.env can hold", { imageMirror: "http://it's" }],
  ["checksums", "a sum of another kind", { checksums: { "dl.k8s.io/kubelet": "d41d8cd98f00b204e9800998ecf8427e" } }],
  ["checksums", "an empty sum", { checksums: { "dl.k8s.io/kubelet": "" } }],
  ["kubelet-configuration", "kubelets that anybody may ask", { kubeletConfiguration: { authentication: {} } }],
  ["kubelet-configuration", "kubelets that allow everything", { kubeletConfiguration: { authorization: {} } }],
  ["containerd-configuration", "another root", { containerdConfiguration: "version = 3\nroot = '/mnt'\n" }],
  ["extra-arguments-form", "a value with a space", { extraArguments: { kubelet: { v: "4 --x=y" } } }],
  ["extra-arguments-form", "a value with a quote", { extraArguments: { kubelet: { v: "'4'" } } }],
  [
    "extra-arguments-refused",
    "profiles of a running program",
    { extraArguments: { kubeScheduler: { profiling: "true" } } },
  ],
  ["early-renewal", "certificates that are due before they are issued", { earlyRenewalHours: 9000 }],
  ["early-renewal", "a negative renewal time", { earlyRenewalHours: -1 }],
])("rejects by %s: %s", (id, _, change) => {
  expect(ruleIds(change)).toEqual([id]);
});

test("rejects two groups with one first address that run into each other and out of the subnet, for both reasons", () => {
  const change = { ...controlPlane({ count: 1, firstHost: 250 }), ...workers({ count: 9, firstHost: 250 }) };

  expect(ruleIds(change)).toEqual(["addresses-inside", "machines-apart"]);
});

test("agents of Session Manager reach AWS through endpoints too (FT-86)", () => {
  const without = { ...PRIVATE, access: "ssm", ssmAgent: true } as const;

  expect(ruleIds(without)).toEqual(["ssm-way-out"]);
  expect(ruleIds({ ...without, vpcEndpoints: { features: ["ssm"] } })).toEqual([]);
  expect(ruleIds({ ...without, vpcEndpoints: { features: ["ssm"], except: ["ssmmessages"] } })).toEqual([
    "ssm-way-out",
  ]);
});

test.each([
  ["one subnet", CORPORATE.subnets.slice(0, 1)],
  ["one subnet twice", [CORPORATE.subnets[0]!, CORPORATE.subnets[0]!]],
])("refuses a resolver in a network that is there with %s, of which AWS makes no endpoint (FT-92)", (_, subnets) => {
  const there = {
    ...{ ...PRIVATE, networkCidr: CORPORATE.cidr, existingNetwork: { ...CORPORATE, subnets } },
    availabilityZones: subnets.map(({ availabilityZone }) => availabilityZone),
  };
  const asked = (resolver: object) => ruleIds({ ...there, privateDns: { zone: "prod.corp.example", resolver } });

  expect(asked({ inboundFrom: ["10.1.0.0/16"] })).toContain("resolver-subnets");
  expect(asked({ forward: { "corp.example": ["10.1.0.53"] } })).toContain("resolver-subnets");
  expect(asked({})).not.toContain("resolver-subnets");
});
