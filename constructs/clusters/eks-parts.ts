import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { scriptFolder } from "../bootstrap/node-scripts";
import { Cidr } from "../core/cidr";
import { AccessEntries } from "../eks/access-entries";
import { Addons } from "../eks/addons";
import { AwsAuth } from "../eks/aws-auth";
import { ClusterScript, type ScriptedCluster } from "../eks/cluster-script";
import { ControlPlane } from "../eks/control-plane";
import { CurrentRegion } from "../eks/current-region";
import { EksSecurityGroups } from "../eks/eks-security-groups";
import { FargateProfiles } from "../eks/fargate-profiles";
import { LegacyPolicies } from "../eks/legacy-policies";
import { NodeLogin } from "../eks/node-login";
import { PodIdentities } from "../eks/pod-identities";
import { Tools } from "../eks/tools";
import { InstanceConnect } from "../network/instance-connect";
import type { EksSettings } from "../rules/eks-settings";
import { addonsOf, BEFORE_NODES } from "./eks-addons";
import { execKubeconfig } from "./eks-kubeconfig";
import { checkRoom, eksNetwork, nodeProxy } from "./eks-network";
import { managedNodes, selfManagedNodes } from "./eks-nodes";
import type { EksClusterProps } from "./eks-props";
import { externalDnsRole } from "./eks-external-dns";
import { eksRoles, type EksRoles } from "./eks-roles";
import { privateNetwork, privateZone, type PrivateDnsOutputs } from "./private-network";

/** What is known of a cluster once it is put together. */
export interface EksOutputs {
  readonly clusterName: string;
  readonly endpoint: string;
  readonly kubeconfig: string;
  readonly updateKubeconfig: string;
  readonly nodeRoleArn: string | undefined;
  readonly oidcProviderArn: string | undefined;
  readonly privateDns: PrivateDnsOutputs;
}

/** Everything of an EKS cluster, in the order of events. */
export function eksParts(scope: Construct, settings: EksSettings, props: EksClusterProps): EksOutputs {
  const { clusterName, kubernetesVersion, serviceCidr } = settings;
  const scripts = scriptFolder(scope, "eks");

  // What the scripts need is asked for before anything is made.
  const tools = new Tools(scope, "tools", { scripts }).ready;
  const network = eksNetwork(scope, settings, tools);
  checkRoom(scope, settings, props.podSubnets ?? {});
  const groups = new EksSecurityGroups(scope, "security-groups", { vpcId: network.vpcId, clusterName, after: tools });
  const names = privateZone(scope, props, { clusterName, vpcId: network.vpcId, nodeRole: false });
  const inside = privateNetwork(scope, props, {
    ...{ clusterName, network, names, subnets: network.privateSubnets, callersGroupId: groups.nodeId },
    after: [...groups.ready, ...network.ready],
  });
  const roles = eksRoles(scope, settings, props, tools);
  const legacy = props.legacyPolicies
    ? new LegacyPolicies(scope, "legacy-policies", { role: roles.cluster.name }).ready
    : [];
  const controlPlane = new ControlPlane(scope, "control-plane", {
    ...settings,
    version: kubernetesVersion,
    roleArn: roles.cluster.arn,
    subnetIds: [...network.publicSubnets, ...network.privateSubnets].map((subnet) => subnet.id),
    securityGroupId: groups.controlPlaneId,
    secretsEncryption: props.secretsEncryption,
    after: [...roles.cluster.ready, ...legacy, ...groups.ready, ...network.ready],
  });
  const cluster = {
    name: clusterName,
    region: new CurrentRegion(scope, "region").name,
    endpoint: controlPlane.endpoint,
    certificateAuthority: controlPlane.certificateAuthority,
  };

  // Who may come in, and how.
  const admitted = admission(scope, settings, props, { scripts, cluster, controlPlane, roles });
  const login = new NodeLogin(scope, "login", {
    ...{ clusterName, vpcId: network.vpcId, nodeGroupId: groups.nodeId },
    ssh: props.login?.ssh,
    instanceConnect: props.login?.instanceConnect,
    after: tools,
  });
  if (login.endpointGroupId !== undefined)
    new InstanceConnect(scope, "instance-connect", {
      clusterName,
      subnetId: network.privateSubnets[0]!.id,
      securityGroupId: login.endpointGroupId,
      after: [],
    });

  // Nodes: when they start, they are let in, and have their network.
  const allAddons = Object.entries(
    addonsOf(props, { region: cluster.region, nodeGroupId: groups.nodeId, cniRoleArn: roles.cni?.arn }),
  );
  const addons = (id: string, isOne: (name: string) => boolean, after: readonly TerraformResource[]) =>
    new Addons(scope, id, {
      ...{ clusterName: controlPlane.name, kubernetesVersion },
      addons: Object.fromEntries(allAddons.filter(([name]) => isOne(name))),
      after: [...controlPlane.ready, ...after],
    }).ready;
  const early = addons("addons", (name) => BEFORE_NODES.includes(name), roles.cni?.ready ?? []);
  const surroundings = {
    ...{ clusterName, kubernetesVersion, network, securityGroupId: groups.nodeId, keyName: login.keyName },
    proxy: nodeProxy(settings, cluster.endpoint, inside.names),
    cluster: { ...cluster, serviceCidr, dns: Cidr.parse(serviceCidr).host(10) },
    after: [...admitted, ...early, ...groups.ready, ...network.ready, ...inside.ready],
  };
  const { nodes, managed, podExecution } = roles;
  const own = nodes === undefined ? [] : selfManagedNodes(scope, settings, props, { ...surroundings, role: nodes });
  const kept = managed === undefined ? [] : managedNodes(scope, settings, props, { ...surroundings, role: managed });
  const started = [...own, ...kept].flatMap(({ ready }) => ready);
  const ready =
    started.length === 0
      ? []
      : new ClusterScript(scope, "nodes", {
          ...{ cluster, scripts, script: "wait-for-nodes.sh", after: started },
          env: {
            EXPECTED_NODES: String(Object.values(settings.groups).reduce((sum, { min }) => sum + min, 0)),
            TIMEOUT_SECONDS: String(settings.readyTimeoutSeconds),
            AUTHENTICATION_MODE: settings.authenticationMode,
            NODE_ROLE_ARNS: settings.authenticationMode === "API" ? "" : mappedRoles(settings, roles).join(" "),
            GROUP_NAMES: own.map(({ groupName }) => groupName).join(" "),
          },
        }).done;
  const fargate =
    podExecution === undefined
      ? []
      : new FargateProfiles(scope, "fargate", {
          clusterName: controlPlane.name,
          profiles: settings.fargateProfiles,
          podExecutionRoleArn: podExecution.arn,
          subnetIds: network.privateSubnets.map((subnet) => subnet.id),
          ...{ clusterGroupId: controlPlane.clusterSecurityGroupId, nodeGroupId: groups.nodeId },
          after: [...podExecution.ready, ...early, ...network.ready],
        }).ready;
  addons("late-addons", (name) => !BEFORE_NODES.includes(name), [...ready, ...fargate]);
  const identities = new PodIdentities(scope, "pod-identities", {
    clusterName: controlPlane.name,
    identities: { ...props.podIdentities, ...externalDnsRole(scope, clusterName, names) },
    issuer: props.oidcProvider ? controlPlane.issuer : undefined,
    after: early,
  });

  return {
    clusterName: controlPlane.name,
    endpoint: cluster.endpoint,
    kubeconfig: execKubeconfig(cluster),
    updateKubeconfig: `aws eks update-kubeconfig --region ${cluster.region} --name ${clusterName}`,
    nodeRoleArn: nodes?.arn,
    oidcProviderArn: identities.oidcProviderArn,
    privateDns: inside.dns,
  };
}

/** The roles of nodes that aws-auth has. */
function mappedRoles({ authenticationMode }: EksSettings, { nodes, managed }: EksRoles): string[] {
  // EKS writes the role of managed nodes into aws-auth itself, where it goes by that alone: better twice than lost.
  return [...(nodes ? [nodes.arn] : []), ...(managed && authenticationMode === "CONFIG_MAP" ? [managed.arn] : [])];
}

/** Access entries, aws-auth or both, as the authentication mode has it. What nodes wait for. */
function admission(
  scope: Construct,
  settings: EksSettings,
  { access = {} }: EksClusterProps,
  of: {
    readonly scripts: ReturnType<typeof scriptFolder>;
    readonly cluster: ScriptedCluster;
    readonly controlPlane: ControlPlane;
    readonly roles: EksRoles;
  },
): TerraformResource[] {
  const { scripts, cluster, controlPlane } = of;
  const { authenticationMode: mode } = settings;
  const { roles = [], users = [], accounts = [], entries = {} } = access;
  const nodeRoles = mappedRoles(settings, of.roles);
  const admitted: TerraformResource[] = [];
  if (mode !== "CONFIG_MAP")
    admitted.push(
      ...new AccessEntries(scope, "access", {
        clusterName: controlPlane.name,
        entries,
        nodeRoles: mode === "API" && of.roles.nodes ? { workers: of.roles.nodes.arn } : {},
        after: controlPlane.ready,
      }).ready,
    );
  if (mode !== "API" && nodeRoles.length + roles.length + users.length + accounts.length > 0)
    admitted.push(
      ...new AwsAuth(scope, "aws-auth", {
        ...{ cluster, scripts, nodeRoles, roles, users, accounts },
        timeoutSeconds: 300,
        after: controlPlane.ready,
      }).done,
    );
  return admitted;
}
