import { Op, Token, conditional, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Bootstrap, type BootstrapTarget } from "../bootstrap/bootstrap";
import { downloads } from "../bootstrap/downloads";
import { stageNamed, type NodeEnv, type Stage } from "../bootstrap/stages";
import { Cidr } from "../core/cidr";
import { PORTS } from "../facts/ports";
import { releaseOf } from "../facts/versions";
import { MachineImage, DEBIAN_12 } from "../machines/machine-image";
import { MachineRole } from "../machines/machine-role";
import { Machines, type Machine } from "../machines/machines";
import { OfferedZones } from "../machines/offered-zones";
import { SshKey } from "../machines/ssh-key";
import { ApiLoadBalancer } from "../network/api-load-balancer";
import { FIREWALL_RULES, HEALTH_PROXY_RULES, INTERNAL_API_RULES } from "../network/firewall-rules";
import { Network } from "../network/network";
import { PodRoutes } from "../network/pod-routes";
import { SecurityGroups } from "../network/security-groups";
import { certificateRequests } from "../pki/certificate-requests";
import { kubeconfig } from "../pki/kubeconfig";
import { Pki } from "../pki/pki";
import { SecretsEncryption } from "../pki/secrets-encryption";
import { HARD_WAY_RULES } from "../rules/hard-way-rules";
import type { HardWaySettings } from "../rules/hard-way-settings";
import { problemsOf, refuse } from "../rules/rule";
import { controllerFiles, etcdFiles, workerFiles } from "./hard-way-files";
import { hardWaySettings, type HardWayClusterProps } from "./hard-way-props";

interface Node extends Machine, BootstrapTarget {
  readonly podCidr: string;
}

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
  readonly controllers: readonly Machine[];
  readonly workers: readonly (Machine & { readonly podCidr: string })[];

  constructor(scope: Construct, id: string, props: HardWayClusterProps) {
    super(scope, id);
    const settings = hardWaySettings(props);
    refuse(`hard-way cluster '${id}'`, problemsOf(HARD_WAY_RULES, settings));
    const { clusterName, podCidr, serviceCidr, adminCidrs } = settings;
    const {
      operatingSystem = DEBIAN_12,
      architecture = "amd64",
      kubeProxyMode = "iptables",
      firewallRules = FIREWALL_RULES,
      topology = "public",
      healthCheck = "https",
    } = props;
    const release = releaseOf(settings.kubernetesVersion);
    const services = Cidr.parse(serviceCidr);

    // Where machines live, and who may talk to whom.
    const network = new Network(this, "network", {
      clusterName,
      cidr: settings.networkCidr,
      topology,
      availabilityZones: this.zonesOf(settings),
    });
    const subnets = topology === "public" ? network.publicSubnets : network.privateSubnets;
    const groups = new SecurityGroups(this, "security-groups", {
      vpcId: network.vpcId,
      clusterName,
      rules: [
        ...firewallRules,
        ...(topology === "public" ? [] : INTERNAL_API_RULES),
        ...(healthCheck === "nginx" ? HEALTH_PROXY_RULES : []),
      ],
      cidrs: { admin: adminCidrs, pods: podCidr, network: network.cidr },
    });

    // Machines.
    const image = new MachineImage(this, "image", { operatingSystem, architecture });
    const key = new SshKey(this, "ssh-key", { clusterName });
    const machines = (role: "control-plane" | "worker", name: string, group: HardWaySettings["workers"]): Machines =>
      new Machines(this, role, {
        ...group,
        name,
        imageId: image.id,
        subnets,
        publicAddress: topology === "public",
        securityGroupId: groups.idOf(role),
        keyName: key.name,
        instanceProfile: new MachineRole(this, `${role}-role`, { namePrefix: `${clusterName}-${role}-` }).profileName,
        architecture,
        after: network.ready,
      });
    const nodes = (all: readonly Machine[]): Node[] =>
      all.map((machine, index) => ({
        ...machine,
        podCidr: Cidr.parse(podCidr).subnet(24, index).toString(),
        host: sshHost(settings.sshAddress, machine),
      }));
    const controlPlane = machines("control-plane", "controller", settings.controlPlane);
    const pool = machines("worker", "worker", settings.workers);
    const controllers = nodes(controlPlane.all);
    const workers = nodes(pool.all);
    const api = new ApiLoadBalancer(this, "api", {
      clusterName,
      vpcId: network.vpcId,
      subnets,
      securityGroupId: groups.idOf("api"),
      exposure: topology === "public" ? "internet" : "internal",
      healthCheck,
      after: [...network.ready, ...controlPlane.ready, ...pool.ready],
    });
    api.forwardTo(controllers);
    if (topology === "public") api.allowFrom(workers);
    const routes = new PodRoutes(this, "pod-routes", { routeTableIds: network.routeTableIds, targets: workers });

    // Certificates and keys.
    const pki = new Pki(this, "pki", {
      ...props.certificates,
      clusterName,
      requests: certificateRequests({
        controllers,
        workers,
        apiNames: [api.dnsName],
        apiServiceIp: services.host(1),
        clusterDomain: CLUSTER_DOMAIN,
      }),
    });
    const encryption = new SecretsEncryption(this, "secrets-encryption");

    // From machines to nodes.
    const files = downloads({
      release,
      architecture,
      mirror: settings.downloadMirror,
      checksums: settings.checksums,
    });
    const values = (machine: Node, stage: Stage): Partial<NodeEnv> => ({
      CLUSTER_NAME: clusterName,
      NODE_NAME: machine.name,
      NODE_IP: machine.privateIp,
      SSH_USER: operatingSystem.user,
      KUBERNETES_VERSION: release.kubernetes,
      ETCD_VERSION: release.etcd,
      ETCD_CLUSTER_TOKEN: "etcd-cluster-0",
      ETCD_INITIAL_CLUSTER: controllers
        .map(({ name, privateIp }) => `${name}=https://${privateIp}:${PORTS.etcdPeer}`)
        .join(","),
      ETCD_SERVERS: controllers.map(({ privateIp }) => `https://${privateIp}:${PORTS.etcdClient}`).join(","),
      API_ADDRESS: api.dnsName,
      SERVICE_CIDR: serviceCidr,
      SERVICE_NODE_PORT_RANGE: `${PORTS.nodePortFirst}-${PORTS.nodePortLast}`,
      POD_CIDR: stage.runsOn === "each worker" ? machine.podCidr : podCidr,
      CLUSTER_POD_CIDR: podCidr,
      CLUSTER_DNS: services.host(10),
      CLUSTER_DOMAIN,
      KUBE_PROXY_MODE: kubeProxyMode,
      HEALTH_PROXY: healthCheck === "nginx" ? "nginx" : "",
      CONTAINERD_VERSION: release.containerd,
      RUNC_VERSION: release.runc,
      CNI_PLUGINS_VERSION: release.cniPlugins,
      PAUSE_IMAGE: `registry.k8s.io/pause:${release.pause}`,
      COREDNS_IMAGE: `docker.io/coredns/coredns:${release.coredns}`,
      IMAGE_MIRROR: settings.imageMirror,
      PACKAGE_MIRROR: settings.packageMirror,
      ...files,
    });
    const done: Partial<Record<Stage["waitsFor"][number], readonly ITerraformDependable[]>> = {
      network: [...network.ready, ...groups.ready],
      api: api.ready,
      "pod-routes": routes.ready,
    };
    const run = (
      name: Stage["name"],
      on: readonly Node[],
      secrets?: (machine: Node) => Readonly<Record<string, string>>,
    ): void => {
      const stage = stageNamed(name);
      done[name] = new Bootstrap(this, `stage-${name}`, {
        stage: name,
        machines: on,
        ssh: { user: operatingSystem.user, privateKey: key.privateKey, timeout: settings.sshTimeout },
        env: (machine) => values(machine, stage),
        ...(secrets === undefined ? {} : { files: secrets }),
        after: stage.waitsFor.flatMap((what) => done[what] ?? []),
      }).done;
    };
    const endpoint = `${api.dnsName}:${PORTS.api}`;
    run("etcd", controllers, ({ name }) => etcdFiles(pki, name));
    const alike = controllerFiles(pki, { clusterName, encryptionConfig: encryption.config });
    run("control-plane", controllers, () => alike);
    run("rbac", controllers.slice(0, 1));
    run("worker", workers, ({ name }) => workerFiles(pki, { clusterName, endpoint, name }));
    run("coredns", controllers.slice(0, 1));

    this.endpoint = endpoint;
    this.adminKubeconfig = kubeconfig({
      clusterName,
      server: endpoint,
      user: "admin",
      caPem: pki.kubernetes.certPem,
      certificate: pki.certificate("kubernetes", "admin"),
    });
    this.sshPrivateKey = key.privateKey;
    this.sshUser = operatingSystem.user;
    this.controllers = controllers;
    this.workers = workers;
  }

  private zonesOf({ availabilityZones, controlPlane, workers }: HardWaySettings): readonly string[] {
    if (typeof availabilityZones !== "number") return availabilityZones;
    const instanceTypes = [controlPlane.instanceType, workers.instanceType];
    return new OfferedZones(this, "zone", { instanceTypes, count: availabilityZones }).names;
  }
}

function sshHost(address: string, machine: Machine): string {
  if (Token.isUnresolved(address))
    return Token.asString(conditional(Op.eq(address, "public"), machine.publicIp, machine.privateIp));
  return address === "public" ? machine.publicIp : machine.privateIp;
}
