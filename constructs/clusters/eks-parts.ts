import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { scriptFolder } from "../bootstrap/node-scripts";
import { AccessEntries } from "../eks/access-entries";
import { Addons } from "../eks/addons";
import { AwsAuth } from "../eks/aws-auth";
import { ClusterScript } from "../eks/cluster-script";
import { ControlPlane } from "../eks/control-plane";
import { CurrentRegion } from "../eks/current-region";
import { EksSecurityGroups } from "../eks/eks-security-groups";
import { ServiceRole } from "../eks/service-role";
import { Tools } from "../eks/tools";
import { EKS_EXCLUDED_ZONES } from "../facts/eks-zones";
import { MachineRole } from "../machines/machine-role";
import { OfferedZones } from "../machines/offered-zones";
import { EksNetwork } from "../network/eks-network";
import type { EksSettings } from "../rules/eks-settings";
import { managedNodes, selfManagedNodes } from "./eks-nodes";
import { execKubeconfig } from "./eks-kubeconfig";
import { addonsOf, type EksClusterProps } from "./eks-props";

/** What nodes may do in AWS: speak to EKS, pull images, give pods addresses. */
const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"];
/** A node is of no use before it has them, and CoreDNS waits for nodes. */
const BEFORE_NODES = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"];

/** What is known of a cluster once it is put together. */
export interface EksOutputs {
  readonly clusterName: string;
  readonly endpoint: string;
  readonly kubeconfig: string;
  readonly updateKubeconfig: string;
  readonly nodeRoleArn: string | undefined;
}

/** Everything of an EKS cluster, in the order of events. */
export function eksParts(scope: Construct, settings: EksSettings, props: EksClusterProps): EksOutputs {
  const { clusterName, kubernetesVersion, serviceCidr, authenticationMode: mode, readyTimeoutSeconds } = settings;
  const scripts = scriptFolder(scope, "eks");

  // What the scripts need is asked for before anything is made.
  const tools = new Tools(scope, "tools", { scripts }).ready;
  const network = new EksNetwork(scope, "network", {
    clusterName,
    cidr: settings.networkCidr,
    availabilityZones: zonesOf(scope, settings),
    nat: settings.nat,
    after: tools,
  });
  const groups = new EksSecurityGroups(scope, "security-groups", { vpcId: network.vpcId, clusterName });
  const clusterRole = new ServiceRole(scope, "cluster-role", {
    namePrefix: `${clusterName}-cluster-`,
    service: "eks.amazonaws.com",
    actions: ["sts:AssumeRole", "sts:TagSession"],
    managedPolicies: ["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"],
    after: tools,
  });
  const controlPlane = new ControlPlane(scope, "control-plane", {
    ...settings,
    version: kubernetesVersion,
    roleArn: clusterRole.arn,
    subnetIds: [...network.publicSubnets, ...network.privateSubnets].map((subnet) => subnet.id),
    securityGroupId: groups.controlPlaneId,
    secretsEncryption: props.secretsEncryption,
    after: [...clusterRole.ready, ...groups.ready, ...network.ready],
  });
  const cluster = {
    name: clusterName,
    region: new CurrentRegion(scope, "region").name,
    endpoint: controlPlane.endpoint,
    certificateAuthority: controlPlane.certificateAuthority,
  };

  // Who may come in.
  const selfManaged = Object.keys(settings.selfManagedGroups).length > 0;
  const managed = Object.keys(settings.managedGroups).length > 0;
  const nodeRole = selfManaged
    ? new MachineRole(scope, "node-role", {
        namePrefix: `${clusterName}-node-`,
        managedPolicies: NODE_POLICIES,
        after: tools,
      })
    : undefined;
  const managedRole = managed
    ? new ServiceRole(scope, "managed-role", {
        namePrefix: `${clusterName}-managed-`,
        service: "ec2.amazonaws.com",
        managedPolicies: NODE_POLICIES,
        after: tools,
      })
    : undefined;
  const nodeRoles = nodeRole === undefined ? [] : [nodeRole.arn];
  // EKS writes the role of managed nodes into aws-auth itself, where it goes by that alone: better twice than lost.
  const mappedRoles = [...nodeRoles, ...(mode === "CONFIG_MAP" && managedRole ? [managedRole.arn] : [])];
  const { roles = [], users = [], accounts = [], entries = {} } = props.access ?? {};
  const admitted: TerraformResource[] = [];
  if (mode !== "CONFIG_MAP")
    admitted.push(
      ...new AccessEntries(scope, "access", {
        clusterName: controlPlane.name,
        entries,
        nodeRoles: mode === "API" && nodeRole ? { workers: nodeRole.arn } : {},
        after: controlPlane.ready,
      }).ready,
    );
  if (mode !== "API" && mappedRoles.length + roles.length + users.length + accounts.length > 0)
    admitted.push(
      ...new AwsAuth(scope, "aws-auth", {
        ...{ cluster, scripts, nodeRoles: mappedRoles, roles, users, accounts },
        timeoutSeconds: 300,
        after: controlPlane.ready,
      }).done,
    );

  // Nodes: when they start, they are let in, and have their network.
  const addons = Object.entries(addonsOf(props));
  const early = new Addons(scope, "addons", {
    clusterName: controlPlane.name,
    kubernetesVersion,
    addons: Object.fromEntries(addons.filter(([name]) => BEFORE_NODES.includes(name))),
    after: controlPlane.ready,
  });
  const nodes = {
    ...{ clusterName, kubernetesVersion, network, securityGroupId: groups.nodeId },
    cluster: { ...cluster, serviceCidr },
    after: [...admitted, ...early.ready, ...groups.ready, ...network.ready],
  };
  const ownGroups =
    nodeRole === undefined ? [] : selfManagedNodes(scope, settings, props, { ...nodes, role: nodeRole });
  const managedGroups =
    managedRole === undefined ? [] : managedNodes(scope, settings, props, { ...nodes, role: managedRole });
  const started = [...ownGroups, ...managedGroups].flatMap(({ ready }) => ready);
  const all = [...Object.values(settings.selfManagedGroups), ...Object.values(settings.managedGroups)];
  const ready =
    started.length === 0
      ? []
      : new ClusterScript(scope, "nodes", {
          cluster,
          scripts,
          script: "wait-for-nodes.sh",
          env: {
            EXPECTED_NODES: String(all.reduce((sum, { min }) => sum + min, 0)),
            TIMEOUT_SECONDS: String(readyTimeoutSeconds),
            AUTHENTICATION_MODE: mode,
            NODE_ROLE_ARNS: mode === "API" ? "" : mappedRoles.join(" "),
            GROUP_NAMES: ownGroups.map(({ groupName }) => groupName).join(" "),
          },
          after: started,
        }).done;
  new Addons(scope, "late-addons", {
    clusterName: controlPlane.name,
    kubernetesVersion,
    addons: Object.fromEntries(addons.filter(([name]) => !BEFORE_NODES.includes(name))),
    after: [...controlPlane.ready, ...ready],
  });

  return {
    clusterName: controlPlane.name,
    endpoint: cluster.endpoint,
    kubeconfig: execKubeconfig(cluster),
    updateKubeconfig: `aws eks update-kubeconfig --region ${cluster.region} --name ${clusterName}`,
    nodeRoleArn: nodeRole?.arn,
  };
}

function zonesOf(scope: Construct, settings: EksSettings): readonly string[] {
  const { availabilityZones: zones, selfManagedGroups, managedGroups } = settings;
  if (typeof zones !== "number") return zones;
  const groups = [...Object.values(selfManagedGroups), ...Object.values(managedGroups)];
  return new OfferedZones(scope, "zone", {
    instanceTypes: groups.flatMap(({ instanceTypes }) => instanceTypes),
    count: zones,
    excludeZoneIds: EKS_EXCLUDED_ZONES,
  }).names;
}
