import { argumentVariables, COMPONENTS, isRefusedFlag, type Component } from "../../constructs/facts/component-flags";
import { commandLine, type StageName } from "../scripts/support/stages";

const units: Readonly<Record<Component, readonly [StageName, string]>> = {
  etcd: ["etcd", "etcd.service"],
  kubeApiserver: ["control-plane", "kube-apiserver.service"],
  kubeControllerManager: ["control-plane", "kube-controller-manager.service"],
  kubeScheduler: ["control-plane", "kube-scheduler.service"],
  kubelet: ["worker", "kubelet.service"],
  kubeProxy: ["worker", "kube-proxy.service"],
};
// Of what a unit sets, this is a matter of taste: the last one on the command line holds.
const tunable = ["v", "event-ttl", "shutdown-send-retry-after", "terminated-pod-gc-threshold"];

test.each(Object.keys(COMPONENTS) as Component[])(
  "what the unit of %s sets may not be set again, but for matters of taste",
  (component) => {
    const flags = commandLine(...units[component]).flatMap((word) => /^--([a-z-]+)=/.exec(word)?.[1] ?? []);

    expect(flags).not.toEqual([]);
    expect(flags.filter((flag) => !isRefusedFlag(component, flag))).toEqual(
      flags.filter((flag) => tunable.includes(flag)),
    );
  },
);

test.each(Object.keys(COMPONENTS) as Component[])("the unit of %s ends with what was given besides", (component) => {
  expect(commandLine(...units[component]).at(-1)).toBe(`$${COMPONENTS[component]}`);
});

test.each<[Component, string]>([
  ["kubeApiserver", "anonymous-auth"],
  ["kubeApiserver", "token-auth-file"],
  ["kubeApiserver", "authorization-mode"],
  ["kubeApiserver", "insecure-port"],
  ["kubeApiserver", "oidc-issuer-url"],
  ["kubeApiserver", "disable-admission-plugins"],
  ["kubeApiserver", "etcd-servers-overrides"],
  ["kubeControllerManager", "allocate-node-cidrs"],
  ["kubeControllerManager", "contention-profiling"],
  ["kubeScheduler", "profiling"],
  ["kubeScheduler", "master"],
  ["kubelet", "read-only-port"],
  ["kubelet", "root-dir"],
  ["kubeProxy", "cleanup"],
  ["etcd", "auto-tls"],
  ["etcd", "force-new-cluster"],
  ["etcd", "listen-metrics-urls"],
])("%s may not have --%s", (component, flag) => {
  expect(isRefusedFlag(component, flag)).toBe(true);
});

test.each<[Component, string]>([
  ["kubeApiserver", "event-ttl"],
  ["kubeApiserver", "request-timeout"],
  ["kubeApiserver", "feature-gates"],
  ["kubeApiserver", "authentication-token-webhook-config-file"],
  ["kubeControllerManager", "node-monitor-grace-period"],
  ["kubelet", "v"],
  ["etcd", "quota-backend-bytes"],
])("%s may have --%s", (component, flag) => {
  expect(isRefusedFlag(component, flag)).toBe(false);
});

test("the text is in the order of names, whatever the order they are given in", () => {
  expect(argumentVariables({ etcd: { "quota-backend-bytes": "8589934592", "max-txn-ops": "256" } })).toEqual({
    ETCD_ARGUMENTS: "--max-txn-ops=256 --quota-backend-bytes=8589934592",
    KUBE_APISERVER_ARGUMENTS: "",
    KUBE_CONTROLLER_MANAGER_ARGUMENTS: "",
    KUBE_SCHEDULER_ARGUMENTS: "",
    KUBELET_ARGUMENTS: "",
    KUBE_PROXY_ARGUMENTS: "",
  });
});
