import fc from "fast-check";
import {
  UBUNTU_2404,
  type EksClusterProps,
  type ExistingNetworkSettings,
  type ExtraWorkerPool,
  type HardWayClusterProps,
  type HybridClusterProps,
  type ManagedGroup,
  type SelfManagedGroup,
  type Taint,
} from "../../constructs";

// Good configurations of each kind, whatever they combine. What one choice forbids another is what the rules say of it.
const hex = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).map((digits) => digits);
const maybe = <Value>(key: string, value: fc.Arbitrary<Value>): fc.Arbitrary<object> =>
  fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [key]: given }));
const among = <Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);

const clusterName = fc
  .stringMatching(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/)
  .filter((name) => !/^(internal|sg)(-|$)/.test(name));
const labels = fc.dictionary(
  among("tier", "example.com/team", "node.kubernetes.io/role", "a_b.c"),
  among("", "web", "1.2-3_x"),
  { maxKeys: 3 },
);
const taint: fc.Arbitrary<Taint> = fc.record(
  { key: among("dedicated", "example.com/gpu"), value: among("gpu", ""), effect: among("NoSchedule", "NoExecute") },
  { requiredKeys: ["key", "effect"] },
);
const soft: fc.Arbitrary<readonly Taint[]> = among([], [{ key: "busy", effect: "PreferNoSchedule" }]);
const zoneNames = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
const zones = (least: number): fc.Arbitrary<readonly string[] | number> =>
  fc.oneof(fc.integer({ min: least, max: 3 }), fc.shuffledSubarray(zoneNames, { minLength: least }));
const version = among("1.34.4", "1.35.4", "1.36.3");
const MIRRORS = {
  downloads: "https://mirror.corp.example/files",
  images: "https://mirror.corp.example",
  packages: "http://mirror.corp.example/debian",
};
const arn = (service: string, name: string): string => `arn:aws:${service}::123456789012:${name}`;

// Blocks that never meet: machines, pods and services each have a sixteenth of 10.0.0.0/8 or more.
const blocks = fc
  .tuple(
    fc.nat(63),
    fc.integer({ min: 16, max: 21 }),
    fc.integer({ min: 64, max: 127 }),
    fc.integer({ min: 128, max: 255 }),
  )
  .map(([network, prefix, pods, services]) => ({
    networkCidr: `10.${network}.0.0/${prefix}`,
    podCidr: `10.${pods}.0.0/16`,
    serviceCidr: `10.${services}.0.0/${prefix + 3}`,
  }));

const pool = (firstHost: number): fc.Arbitrary<ExtraWorkerPool> =>
  fc
    .record(
      { count: fc.integer({ min: 1, max: 3 }), labels, taints: fc.array(taint, { maxLength: 1 }) },
      { requiredKeys: ["count"] },
    )
    .map((given) => ({ ...given, firstHost }));

/** What has nothing to do with where machines are. */
const machines: fc.Arbitrary<Partial<HardWayClusterProps>> = fc
  .tuple(
    fc.record({ controlPlane: fc.record({ count: among(1, 3, 5), firstHost: fc.integer({ min: 4, max: 12 }) }) }),
    fc.record({
      workers: fc.record(
        { count: fc.integer({ min: 1, max: 8 }), firstHost: fc.integer({ min: 20, max: 30 }), labels, taints: soft },
        { requiredKeys: ["firstHost"] },
      ),
    }),
    maybe("workerPools", fc.record({ gpu: pool(40), "big-nodes": pool(50) }, { requiredKeys: [] })),
    maybe("kubernetesVersion", version),
    maybe("podNetwork", among("vpc-routes", "vxlan")),
    maybe("healthCheck", among("https", "tcp", "nginx")),
    maybe("kubeProxyMode", among("iptables", "nftables")),
    maybe("architecture", among("amd64", "arm64")),
    maybe(
      "certificates",
      fc.record({ algorithm: among("RSA", "ECDSA"), validityHours: among(2000, 8760) }, { requiredKeys: [] }),
    ),
    maybe("extraArguments", among({ kubeApiserver: { "event-ttl": "2h" } }, { kubelet: { v: "2" } }, {})),
    maybe(
      "kubeletConfiguration",
      among(
        { maxPods: 60 },
        { imageGCLowThresholdPercent: 70, imageGCHighThresholdPercent: 80, kubeReserved: { cpu: "100m" } },
      ),
    ),
    maybe("containerdConfiguration", among("version = 3\n")),
    maybe("flowLogs", among({}, { retentionDays: 30 }, { bucketArn: "arn:aws:s3:::flow-logs/a" })),
    maybe(
      "iam",
      fc.record(
        {
          policies: among({ workers: { ecr: arn("iam", "policy/ecr") } }, {}),
          permissionsBoundary: among(arn("iam", "policy/boundary")),
        },
        { requiredKeys: [] },
      ),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Partial<HardWayClusterProps>);

const adminCidrs = fc.uniqueArray(
  fc.nat(255).map((third) => `198.51.${third}.0/24`),
  { minLength: 1, maxLength: 5 },
);

/** How the machines are reached and what they reach. */
const surroundings: fc.Arbitrary<Partial<HardWayClusterProps>> = fc.oneof(
  fc.record(
    {
      topology: among("public" as const),
      apiExposure: among("internet" as const, "internal" as const),
      bastion: among({}, { instanceType: "t3.small" }),
      access: among("ssh" as const, "none" as const, "instanceConnect" as const),
    },
    { requiredKeys: [] },
  ),
  fc
    .record({ nat: among("single" as const, "per-zone" as const), hasBastion: fc.boolean(), ssm: fc.boolean() })
    .map(({ nat, hasBastion, ssm }) => ({
      topology: "private" as const,
      nat,
      apiExposure: ssm ? ("internal" as const) : ("internet" as const),
      ...(hasBastion ? { bastion: {} } : { ssh: { address: "private" } }),
      ...(ssm ? { access: "ssm" as const, operatingSystem: UBUNTU_2404 } : {}),
    })),
  fc.record({
    topology: among("private" as const),
    ssh: among({ address: "private", timeout: "90s" }),
    mirrors: among(MIRRORS),
  }),
);

export const hardWayProps: fc.Arbitrary<HardWayClusterProps> = fc
  .tuple(clusterName, adminCidrs, machines, surroundings, blocks, maybe("availabilityZones", zones(1)))
  .map(([name, cidrs, ...parts]) => ({
    clusterName: name,
    adminCidrs: cidrs,
    ...(Object.assign({}, ...parts) as Partial<HardWayClusterProps>),
  }));

/** A private network that is there, with so many subnets at least, each in a zone of its own. */
const existing = (least: number): fc.Arbitrary<ExistingNetworkSettings> =>
  fc
    .tuple(fc.integer({ min: 16, max: 31 }), hex(17), fc.shuffledSubarray(zoneNames, { minLength: least }))
    .map(([second, digits, names]) => ({
      vpcId: `vpc-${digits}`,
      cidr: `172.${second}.0.0/16`,
      subnets: names.map((availabilityZone, index) => ({
        id: `subnet-${index}${digits.slice(1)}`,
        cidr: `172.${second}.${index * 16}.0/20`,
        availabilityZone,
      })),
      routeTableIds: names.map((_, index) => `rtb-${index}${digits.slice(1)}`),
    }));
const PROXY = { url: "http://proxy.corp.example:3128" };
const proxy = fc.record(
  { url: among(PROXY.url), exceptions: among([".corp.example", "172.16.0.0/12"], []) },
  { requiredKeys: ["url"] },
);

export const hybridProps: fc.Arbitrary<HybridClusterProps> = fc
  .tuple(
    clusterName,
    adminCidrs,
    machines,
    existing(1),
    fc.oneof(fc.record({ proxy }), fc.record({ mirrors: among(MIRRORS) })),
  )
  .map(([name, cidrs, parts, network, out]) => ({
    clusterName: name,
    adminCidrs: cidrs,
    ssh: { address: "private" },
    network,
    ...parts,
    ...out,
  }));

const types = (architecture: "amd64" | "arm64"): fc.Arbitrary<string[]> =>
  fc.uniqueArray(
    architecture === "amd64" ? among("m5.large", "t3.medium", "c5.xlarge") : among("m6g.large", "t4g.medium"),
    {
      minLength: 1,
      maxLength: 2,
    },
  );
const sizes = fc
  .tuple(fc.nat(3), fc.nat(2), fc.integer({ min: 1, max: 2 }))
  .map(([min, more, most]) => ({ min, desired: min + more, max: min + more + most }));
const nodes = (isPrivate: boolean, architecture: "amd64" | "arm64"): fc.Arbitrary<object> =>
  fc
    .tuple(
      sizes,
      fc.record({ instanceTypes: types(architecture), architecture: among(architecture) }),
      isPrivate ? among({ subnets: "private" }) : among({ subnets: "public" }, {}),
      maybe("labels", labels),
      maybe("taints", fc.array(taint, { maxLength: 1 })),
      maybe("rootVolumeGiB", fc.integer({ min: 20, max: 200 })),
      maybe("maxPods", fc.integer({ min: 4, max: 17 })),
      maybe("podsReachMetadata", fc.boolean()),
      maybe("ignoreDesired", fc.boolean()),
    )
    .map((parts) => Object.assign({}, ...parts) as object);
const both = (isPrivate: boolean): fc.Arbitrary<object> =>
  fc.oneof(nodes(isPrivate, "amd64"), nodes(isPrivate, "arm64"));
const own = (isPrivate: boolean): fc.Arbitrary<SelfManagedGroup> =>
  fc
    .tuple(
      both(isPrivate),
      maybe("spot", among({}, { onDemandBase: 1, onDemandPercentage: 50, allocation: "lowest-price" })),
      fc.oneof(among({}, { operatingSystem: "bottlerocket" }), among({ kubelet: { maxParallelImagePulls: 2 } })),
    )
    .map(([group, spot, system]) => ({ ...group, ...spot, ...system }) as SelfManagedGroup);
const managed = (isPrivate: boolean): fc.Arbitrary<ManagedGroup> =>
  fc
    .tuple(both(isPrivate), maybe("spot", fc.boolean()), maybe("maxUnavailablePercentage", among(1, 50, 100)))
    .map((parts) => Object.assign({}, ...parts) as ManagedGroup);
const groups = (isPrivate: boolean): fc.Arbitrary<Partial<EksClusterProps>> =>
  fc
    .tuple(
      maybe(
        "selfManagedGroups",
        fc.record({ own: own(isPrivate), "own-too": own(isPrivate) }, { requiredKeys: ["own"] }),
      ),
      maybe("managedGroups", fc.record({ kept: managed(isPrivate) })),
      fc.record({ fargate: fc.boolean() }),
    )
    .map(([a, b, { fargate }]) => {
      const given = { ...a, ...b };
      const pods = { jobs: [{ namespace: "jobs" }, { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } }] };
      const named: Partial<EksClusterProps> = Object.keys(given).length === 0 ? { managedGroups: { kept: {} } } : given;
      return fargate ? { ...named, fargateProfiles: pods } : named;
    });

const eksRest: fc.Arbitrary<Partial<EksClusterProps>> = fc
  .tuple(
    maybe("kubernetesVersion", among("1.33", "1.34", "1.36")),
    maybe("logs", fc.subarray(["api", "audit", "authenticator", "controllerManager", "scheduler"])),
    maybe("logRetentionDays", among(1, 90, 3653)),
    maybe("secretsEncryption", among({}, { keyArn: "arn:aws:kms:eu-west-1:123456789012:key/abc" })),
    maybe("login", fc.record({ ssm: fc.boolean(), instanceConnect: fc.boolean() }, { requiredKeys: [] })),
    maybe("oidcProvider", fc.boolean()),
    maybe("legacyPolicies", fc.boolean()),
    maybe("leastPrivilege", fc.boolean()),
    maybe("podIdentities", among({ s3: { namespace: "jobs", serviceAccount: "s3", roleArn: arn("iam", "role/s3") } })),
    maybe("addons", among({ coredns: { configuration: { replicaCount: 3 } } }, { "kube-proxy": {} })),
    fc.oneof(
      among({}),
      fc.record({
        authenticationMode: among("API" as const, "API_AND_CONFIG_MAP" as const),
        access: among({ entries: { ann: { principalArn: arn("iam", "user/ann") } } }),
      }),
      fc.record({
        authenticationMode: among("CONFIG_MAP" as const, "API_AND_CONFIG_MAP" as const),
        access: among({ users: [{ userarn: arn("iam", "user/ann"), username: "ann", groups: ["system:masters"] }] }),
      }),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Partial<EksClusterProps>);

export const eksProps: fc.Arbitrary<EksClusterProps> = fc
  .tuple(
    clusterName,
    eksRest,
    fc.oneof(
      fc
        .tuple(
          maybe("availabilityZones", zones(2)),
          maybe("publicCidrs", adminCidrs),
          maybe("nat", among("single", "per-zone")),
          fc
            .nat(255)
            .map((second) => ({ networkCidr: `172.${16 + (second % 16)}.0.0/17`, serviceCidr: `10.${second}.0.0/16` })),
          fc.boolean().chain(groups),
        )
        .map((parts) => Object.assign({}, ...parts) as Partial<EksClusterProps>),
      fc
        .tuple(existing(2), groups(true), maybe("proxy", proxy))
        .map(([existingNetwork, given, out]) => ({ existingNetwork, ...given, ...out })),
    ),
  )
  .map(([name, rest, place]) => ({ clusterName: name, ...rest, ...place }));
