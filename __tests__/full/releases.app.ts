import { FIREWALL_RULES, OPEN_FIREWALL_RULES } from "../../constructs";
import { MachinesApp } from "../support/machines-app";

// The smallest cluster, of the versions and with the firewall that it is told.
const told = (name: string): string => process.env[name] ?? "";
const app = new MachinesApp("releases");
const cluster = app.cluster({
  kubernetesVersion: told("CONTROL_PLANE_VERSION"),
  controlPlane: { count: 1 },
  workers: { count: 1, kubernetesVersion: told("WORKER_VERSION") },
  firewallRules: told("FIREWALL") === "open" ? OPEN_FIREWALL_RULES : FIREWALL_RULES,
  mirrors: app.mirrors(),
});
app.outputs(cluster);
app.synth();
