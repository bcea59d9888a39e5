import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { Bootstrap } from "../bootstrap/bootstrap";
import { dropIns } from "../bootstrap/drop-ins";
import { mirrorList, type MirrorList, type StageRun } from "../bootstrap/mirror-list";
import type { NodeEnv } from "../bootstrap/node-env";
import { stageNamed, type Stage } from "../bootstrap/stages";
import { Cidr } from "../core/cidr";
import { withoutTokenTraces } from "../core/token-traces";
import { argumentVariables } from "../facts/component-flags";
import { warnOfPlainState } from "./plain-state";
import { nodePackages } from "../facts/node-packages";
import { PORTS } from "../facts/ports";
import { releaseOf } from "../facts/versions";
import { DEBIAN_12 } from "../machines/machine-image";
import type { Machine } from "../machines/machines";
import { knownHosts } from "../machines/ssh-host-key";
import { SshKey } from "../machines/ssh-key";
import { ApiLoadBalancer } from "../network/api-load-balancer";
import { controllerBlock, vxlanPeers } from "../network/pod-network";
import { PodRoutes } from "../network/pod-routes";
import { certificateRequests } from "../pki/certificate-requests";
import { kubeconfig } from "../pki/kubeconfig";
import { Pki } from "../pki/pki";
import { SecretsEncryption } from "../pki/secrets-encryption";
import { HARD_WAY_RULES } from "../rules/hard-way-rules";
import { problemsOf, refuse } from "../rules/rule";
import { controllerFiles, etcdFiles, hostKeyFiles, proxyFiles, workerFiles } from "./hard-way-files";
import { hardWayMachines, type Controller, type Worker } from "./hard-way-machines";
import { hardWayNetwork } from "./hard-way-network";
import { hardWaySettings } from "./hard-way-defaults";
import type { HardWayClusterProps } from "./hard-way-props";
import { hardWayServices } from "./hard-way-services";
import { privateNetwork, type PrivateDnsOutputs } from "./private-network";
import { sshLogin } from "./ssh-login";
import { software, withImageCredentials } from "./hard-way-software";

type Node = Controller & Partial<Worker>;

const CLUSTER_DOMAIN = "cluster.local";

/**
 * Kubernetes on EC2 with a control plane of our own: network, machines, load balancer, certificates, and a bootstrap
 * over SSH that ends when every node is Ready.
 *
 * @throws Error with every problem of the props at once.
 */
export class HardWayCluster extends Construct {
  /** Name and port of the API. */
  readonly endpoint: string;
  /** For people, through the load balancer; sensitive. */
  readonly adminKubeconfig: string;
  /** Logs in to every machine; sensitive. */
  readonly sshPrivateKey: string;
  readonly sshUser: string;
  /** Public address of the bastion, where there is one. */
  readonly bastionAddress: string | undefined;
  /** A known_hosts file, with the names and addresses of all machines. */
  readonly sshKnownHosts: string;
  readonly controllers: readonly Machine[];
  readonly workers: readonly (Machine & { readonly podCidr: string })[];
  /** Everything that its nodes fetch, for those who fill mirrors. */
  readonly mirrorList: MirrorList;
  /** Where images of `containerRegistry.repositories` are pushed to, by their names. */
  readonly repositoryUrls: Readonly<Record<string, string>>;
  readonly privateDns: PrivateDnsOutputs;

  constructor(scope: Construct, id: string, props: HardWayClusterProps) {
    super(scope, id);
    const parts = withoutTokenTraces(() => compose(this, id, props));
    this.endpoint = parts.endpoint;
    this.adminKubeconfig = parts.adminKubeconfig;
    this.sshPrivateKey = parts.sshPrivateKey;
    this.sshUser = parts.sshUser;
    this.bastionAddress = parts.bastionAddress;
    this.sshKnownHosts = parts.sshKnownHosts;
    this.controllers = parts.controllers;
    this.workers = parts.workers;
    this.mirrorList = parts.mirrorList;
    this.repositoryUrls = parts.repositoryUrls;
    this.privateDns = parts.privateDns;
  }
}

/** Makes everything of a cluster below it. */
function compose(cluster: Construct, id: string, props: HardWayClusterProps): Omit<HardWayCluster, keyof Construct> {
  const settings = hardWaySettings(props);
  refuse(`hard-way cluster '${id}'`, problemsOf(HARD_WAY_RULES, settings));
  if (props.allowPlainState !== true) warnOfPlainState(cluster);
  const { clusterName, podCidr, serviceCidr } = settings;
  const {
    operatingSystem = DEBIAN_12,
    architecture = "amd64",
    kubeProxyMode = "iptables",
    podNetwork = "vpc-routes",
    healthCheck = "https",
  } = props;
  const services = Cidr.parse(serviceCidr);
  const where = hardWayNetwork(cluster, settings, props);
  const { network, groups } = where;
  const key = new SshKey(cluster, "ssh-key", { clusterName });
  const aws = hardWayServices(cluster, settings, props, network.vpcId);
  const made = hardWayMachines(cluster, settings, { operatingSystem, architecture, key, where, services: aws });
  const { controllers, workers, bastion } = made;
  const everyMachine = [...controllers, ...workers];
  const api = new ApiLoadBalancer(cluster, "api", {
    clusterName,
    vpcId: network.vpcId,
    subnets: where.apiSubnets,
    securityGroupId: groups.idOf("api"),
    exposure: settings.apiExposure,
    healthCheck,
    after: [...network.ready, ...made.ready],
  });
  api.forwardTo(controllers);
  if (settings.apiExposure === "internet")
    if (settings.topology === "public") api.allowFrom(workers);
    else api.allowFromGateways(network.natAddresses);
  const inside = privateNetwork(cluster, props, { ...where, clusterName, names: aws.names, after: made.ready });
  // People of the network call the API by a name that stays; others and nodes by the balancer's, which everybody knows.
  const alias = aws.names.zone?.alias("api", api) ?? api.dnsName;
  const apiName = settings.apiExposure === "internal" ? alias : api.dnsName;
  const overlay = [
    ...workers,
    ...controllers.map((machine, index) => ({ ...machine, podCidr: controllerBlock(podCidr, index) })),
  ];
  const routes =
    podNetwork === "vpc-routes"
      ? new PodRoutes(cluster, "pod-routes", { routeTableIds: network.routeTableIds, targets: workers }).ready
      : [];

  // Certificates and keys.
  const pki = new Pki(cluster, "pki", {
    ...props.certificates,
    clusterName,
    requests: certificateRequests({
      controllers,
      workers,
      apiNames: [...new Set([alias, api.dnsName])],
      apiServiceIp: services.host(1),
      clusterDomain: CLUSTER_DOMAIN,
    }),
  });
  const encryption = new SecretsEncryption(cluster, "secrets-encryption");

  // From machines to nodes.
  const programs = (kubernetesVersion: string): Partial<NodeEnv> =>
    software({
      release: releaseOf(kubernetesVersion),
      architecture,
      mirror: settings.downloadMirror,
      checksums: settings.checksums,
    });
  const peers = vxlanPeers(overlay);
  const values = (machine: Node): Partial<NodeEnv> => ({
    CLUSTER_NAME: clusterName,
    NODE_NAME: machine.name,
    NODE_IP: machine.privateIp,
    SSH_USER: operatingSystem.user,
    ETCD_CLUSTER_TOKEN: "etcd-cluster-0",
    ETCD_INITIAL_CLUSTER: controllers
      .map(({ name, privateIp }) => `${name}=https://${privateIp}:${PORTS.etcdPeer}`)
      .join(","),
    ETCD_SERVERS: controllers.map(({ privateIp }) => `https://${privateIp}:${PORTS.etcdClient}`).join(","),
    API_ADDRESS: api.dnsName,
    SERVICE_CIDR: serviceCidr,
    SERVICE_NODE_PORT_RANGE: `${PORTS.nodePortFirst}-${PORTS.nodePortLast}`,
    POD_CIDR: machine.podCidr ?? podCidr,
    NODE_LABELS: machine.labels ?? "",
    NODE_TAINTS: machine.taints ?? "",
    NODES: workers.map(({ name, labels, taints }) => `${name};${labels};${taints}`).join(" "),
    CLUSTER_POD_CIDR: podCidr,
    POD_NETWORK: podNetwork,
    VXLAN_PEERS: peers,
    CLUSTER_DNS: services.host(10),
    CLUSTER_DOMAIN,
    KUBE_PROXY_MODE: kubeProxyMode,
    PROXY_CA: props.proxy?.caBundle === undefined ? "" : "yes",
    HEALTH_PROXY: healthCheck === "nginx" ? "nginx" : "",
    IMAGE_MIRROR: settings.imageMirror,
    PACKAGE_MIRROR: settings.packageMirror,
    ...programs(machine.kubernetesVersion ?? settings.kubernetesVersion),
    ...argumentVariables(withImageCredentials(settings)),
    ...dropIns(settings),
    ...aws.env,
  });
  const done: Partial<Record<Stage["waitsFor"][number], readonly TerraformResource[]>> = {
    network: where.ready,
    api: [...api.ready, ...inside.ready],
    "pod-routes": routes,
    "log-streams": aws.logs?.streamsFor(everyMachine) ?? [],
  };
  const ssh = sshLogin(cluster, settings, { user: operatingSystem.user, privateKey: key.privateKey, bastion });
  const runs: StageRun[] = [];
  const run = (
    name: Stage["name"],
    on: readonly Node[],
    secrets?: (machine: Node) => Readonly<Record<string, string>>,
  ): void => {
    const stage = stageNamed(name);
    for (const { kubernetesVersion = settings.kubernetesVersion } of on)
      runs.push({ stage: name, release: releaseOf(kubernetesVersion) });
    done[name] = new Bootstrap(cluster, `stage-${name}`, {
      stage: name,
      machines: on,
      ssh,
      env: values,
      ...(secrets === undefined ? {} : { files: secrets }),
      after: stage.waitsFor.flatMap((what) => done[what] ?? []),
    }).done;
  };
  const endpoint = `${api.dnsName}:${PORTS.api}`;
  run("ssh-host-key", everyMachine, ({ sshHostKey }) => hostKeyFiles(sshHostKey));
  if (props.proxy !== undefined) {
    const reached = { ...settings, clusterDomain: CLUSTER_DOMAIN, apiName: api.dnsName, names: inside.names };
    const files = proxyFiles(props.proxy, reached);
    run("proxy", everyMachine, () => files);
  }
  run("control-plane-programs", controllers);
  run("worker-programs", workers);
  run("etcd", controllers, ({ name }) => etcdFiles(pki, name));
  if (podNetwork === "vxlan") run("vxlan", overlay);
  const alike = controllerFiles(pki, { clusterName, encryptionConfig: encryption.config });
  run("control-plane", controllers, () => alike);
  run("rbac", controllers.slice(0, 1));
  if (settings.containerRegistry !== undefined) run("image-credentials", workers);
  run("worker", workers, ({ name }) => workerFiles(pki, { clusterName, endpoint, name }));
  for (const stage of ["nodes", "coredns"] as const) run(stage, controllers.slice(0, 1));
  if (aws.logs !== undefined) run("logs", everyMachine);
  return {
    endpoint: `${apiName}:${PORTS.api}`,
    adminKubeconfig: kubeconfig({
      clusterName,
      server: `${apiName}:${PORTS.api}`,
      user: "admin",
      caPem: pki.kubernetes.certPem,
      certificate: pki.certificate("kubernetes", "admin"),
    }),
    sshPrivateKey: key.privateKey,
    sshUser: operatingSystem.user,
    bastionAddress: bastion?.publicIp,
    sshKnownHosts: knownHosts([...everyMachine, ...(bastion ? [bastion] : [])]),
    controllers,
    workers,
    mirrorList: mirrorList({ runs, architecture, checksums: settings.checksums, packages: nodePackages(settings) }),
    repositoryUrls: aws.repositoryUrls,
    privateDns: inside.dns,
  };
}
