import { readFileSync } from "node:fs";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import type { App } from "cdktf";
import {
  HARD_WAY_RULES,
  hardWaySettings,
  HybridCluster,
  problemsOf,
  refuse,
  type ExistingNetworkSettings,
} from "../constructs";
import { bastionVariables } from "./bastion-variables";
import { ClusterStack, type Form } from "./cluster-stack";
import type { HybridConfiguration } from "./configuration";
import { machineOutputs } from "./machine-outputs";
import { mirrorVariables } from "./mirrors";
import { networkVariables } from "./network-variables";

const RUNS_AGAIN = "runs the stages again that fetch by it, in place";

/** What the file that HYBRID_NETWORK names says: vpcId, cidr, subnets (id, cidr, availabilityZone) and routeTableIds. */
export function describedNetwork(): ExistingNetworkSettings | undefined {
  const { HYBRID_NETWORK: described } = process.env;
  return described ? (JSON.parse(readFileSync(described, "utf8")) as ExistingNetworkSettings) : undefined;
}

/** Kubernetes inside a private network that is there; without one there is no such stack. */
export function hybrid(
  app: App,
  form: Form = "root",
  network = describedNetwork(),
  shape: NonNullable<HybridConfiguration["cluster"]> = {},
  { existingBastion = false }: Pick<HybridConfiguration, "existingBastion"> = {},
): void {
  if (network === undefined) return;
  const stack = new ClusterStack(app, "hybrid", HARD_WAY_RULES, form);
  const adminCidrs = stack.variable("admin_cidrs", "list(string)", {
    meaning: "blocks from which people reach SSH and the API",
    changing: "adds and takes away rules of security groups, and nothing else",
  });
  const proxyUrl = stack.variable("proxy_url", "string", {
    meaning: "HTTP proxy, such as http://proxy.corp.example:3128",
    changing: RUNS_AGAIN,
  });
  const proxyUser = stack.variable("proxy_user", "string", {
    meaning: "user that the proxy asks for",
    changing: RUNS_AGAIN,
  });
  const proxyPassword = stack.variable("proxy_password", "string", {
    meaning: "that user's password",
    changing: RUNS_AGAIN,
  });
  proxyPassword.addOverride("sensitive", true);
  const exceptions = stack.variable(
    "proxy_exceptions",
    "list(string)",
    { meaning: "what is reached without the proxy", changing: RUNS_AGAIN },
    [],
  );
  const mirrors = mirrorVariables(stack, shape);
  new TlsProvider(stack, "tls");

  const props = {
    clusterName: stack.clusterName,
    proxy: {
      url: proxyUrl.stringValue,
      credentials: { username: proxyUser.stringValue, password: proxyPassword.stringValue },
      exceptions: exceptions.listValue,
    },
    adminCidrs: adminCidrs.listValue,
    controlPlane: { count: 3, instanceType: "t3.small" },
    workers: { count: 3, instanceType: "t3.small" },
    ...shape,
    ssh: existingBastion ? { bastion: bastionVariables(stack) } : { address: "private" },
    mirrors,
  } as const;
  // What is described is judged here, since the cluster of a module is given variables in its place.
  const settings = hardWaySettings({ ...props, existingNetwork: network });
  refuse("hybrid cluster 'cluster'", problemsOf(HARD_WAY_RULES, settings));
  const { cluster } = new HybridCluster(stack, "cluster", {
    ...props,
    network: form === "module" ? networkVariables(stack, network, settings) : network,
  });

  machineOutputs(stack, cluster);
  stack.output("mirror_list", cluster.mirrorList);
}
