import { Route } from "@cdktf/provider-aws/lib/route";
import { MachinesApp } from "../../__tests__/support/machines-app";
import { OPEN_FIREWALL_RULES } from "../../constructs";
import type { Network } from "../../constructs/network/network";
import { podBlock } from "./blocks";

// The machines of the race: the library's cluster with everything let through, and routes to the pods of controllers
// too, since kubeadm makes nodes of them.
const app = new MachinesApp("ready");
const cluster = app.cluster({ firewallRules: OPEN_FIREWALL_RULES, mirrors: app.mirrors() });
const { routeTableIds } = cluster.node.findChild("network") as Network;
for (const { name, networkInterfaceId } of cluster.controllers)
  new Route(app.stack, `pods-of-${name}`, {
    routeTableId: routeTableIds[0]!,
    destinationCidrBlock: podBlock(name),
    networkInterfaceId,
  });
app.outputs(cluster);
app.synth();
