import { PORTS } from "../facts/ports";
import { publishedChecksums } from "../facts/release-files";
import { DEFAULT_KUBERNETES_VERSION, RELEASES } from "../facts/versions";
import { formOf } from "../rules/form";
import { privateNetworkSettings } from "./private-network-props";
import type { HardWaySettings } from "../rules/hard-way-settings";
import type { HardWayClusterProps, MachineGroup, WorkerPool } from "./hard-way-props";

/** The props with every default filled in, as plain values. */
export function hardWaySettings(given: HardWayClusterProps): HardWaySettings {
  const { form, props } = formOf("HardWayClusterProps", given);
  const {
    kubernetesVersion = DEFAULT_KUBERNETES_VERSION,
    architecture = "amd64",
    mirrors = {},
    ssh = {},
    certificates = {},
    existingNetwork,
    topology = existingNetwork === undefined ? "public" : "private",
  } = props;
  const groups = [{ kubernetesVersion }, props.workers, ...Object.values(props.workerPools ?? {})];
  const published = RELEASES.filter(({ kubernetes }) => groups.some((of) => of?.kubernetesVersion === kubernetes))
    .map((release) => publishedChecksums(release, architecture))
    .reduce((all, sums) => ({ ...all, ...sums }), {});
  const group = <Group extends MachineGroup>(given: Group | undefined, firstHost: number) => ({
    count: 3,
    instanceType: "t3.small",
    firstHost,
    ...given,
  });
  const pool = (given: WorkerPool | undefined, firstHost: number) => ({
    labels: {},
    taints: [],
    ...group(given, firstHost),
  });
  return {
    form,
    clusterName: props.clusterName,
    kubernetesVersion,
    topology,
    nat: props.nat ?? "none",
    apiExposure: props.apiExposure ?? (topology === "public" ? "internet" : "internal"),
    access: props.access ?? "ssh",
    ssmAgent: props.operatingSystem?.hasSsmAgent ?? false,
    policies: props.iam?.policies ?? {},
    inlinePolicies: props.iam?.inlinePolicies ?? {},
    instanceProfiles: props.iam?.instanceProfiles ?? {},
    permissionsBoundary: props.iam?.permissionsBoundary,
    containerRegistry: props.containerRegistry,
    logs: props.logs,
    flowLogs: props.flowLogs,
    bastion: props.bastion === undefined ? undefined : { instanceType: "t3.micro", ...props.bastion },
    existingNetwork,
    gatewayRoutes: props.gatewayRoutes,
    proxy: props.proxy,
    networkCidr: props.networkCidr ?? existingNetwork?.cidr ?? "10.240.0.0/24",
    availabilityZones:
      props.availabilityZones ?? existingNetwork?.subnets.map(({ availabilityZone }) => availabilityZone) ?? 1,
    podNetwork: props.podNetwork ?? "vpc-routes",
    podCidr: props.podCidr ?? "10.200.0.0/16",
    serviceCidr: props.serviceCidr ?? "10.32.0.0/24",
    controlPlane: group(props.controlPlane, 10),
    workers: pool(props.workers, 20),
    workerPools: Object.fromEntries(
      Object.entries(props.workerPools ?? {}).map(([name, given]) => [name, pool(given, given.firstHost)]),
    ),
    adminCidrs: props.adminCidrs,
    allowOpenAdminCidrs: props.allowOpenAdminCidrs ?? false,
    sshAddress: ssh.address ?? (ssh.bastion !== undefined ? "bastion" : addressOf(topology, props.bastion)),
    sshTimeout: ssh.timeout ?? "5m",
    sshBastion: ssh.bastion === undefined ? undefined : { ...ssh.bastion, port: ssh.bastion.port ?? PORTS.ssh },
    downloadMirror: mirrors.downloads ?? "",
    imageMirror: mirrors.images ?? "",
    packageMirror: mirrors.packages ?? "",
    checksums: mirrors.checksums ?? published,
    extraArguments: props.extraArguments ?? {},
    kubeletConfiguration: props.kubeletConfiguration ?? {},
    containerdConfiguration: props.containerdConfiguration ?? "",
    healthCheck: props.healthCheck ?? "https",
    kubeProxyMode: props.kubeProxyMode ?? "iptables",
    certificateAlgorithm: certificates.algorithm ?? "RSA",
    validityHours: certificates.validityHours ?? 8760,
    earlyRenewalHours: certificates.earlyRenewalHours ?? 720,
    ...privateNetworkSettings(props),
  };
}

const addressOf = (topology: string, bastion: object | undefined): string =>
  topology === "public" ? "public" : bastion === undefined ? "" : "bastion";
