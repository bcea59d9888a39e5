import { STAGES, type StageName } from "../../constructs/bootstrap/stages";
import { asWritten } from "../support/page-commands";
import { kubectl, minutes, on, terraform, told } from "./hard-way-cluster";
import { eventually } from "./operator";
import { UNITS } from "./versions";

/** Machines on which between them every stage of the cluster has run. */
const MACHINES = { "controller-0": UNITS.controller, "worker-1": UNITS.worker } as const;
const machines = Object.keys(MACHINES) as (keyof typeof MACHINES)[];

/** Where stages write, beside their logs. */
const WRITTEN = ["/etc", "/opt", "/root", "/usr/local", ...["kubelet", "kube-proxy"].map((name) => `/var/lib/${name}`)];

/** What stages lay down beside kubelet's own files, which are pods', checkpoints and states that it writes when it likes. Of those its pki alone counts: a stage takes away what kubelet has there, for another kubeconfig. */
const BESIDE_KUBELET = ["kubelet-config.yaml", "kubeconfig", "worker-1.pem", "worker-1-key.pem"];

/** What lies there and is written by what runs, whether a stage does or not. */
const NOT_OURS = [
  // kubectl's memory of the API's groups.
  "-path /root/.kube/cache",
  `\\( -path '/var/lib/kubelet/*' ! -path '/var/lib/kubelet/pki*' ${BESIDE_KUBELET.map((name) => `! -path /var/lib/kubelet/${name}`).join(" ")} \\)`,
];

/** Every file with the moment at which anything of it last changed, and every folder without: drafts of files come and go. */
const FILES =
  `sudo find ${WRITTEN.join(" ")} /var/lib/kubernetes /var/lib/kubernetes-bootstrap ` +
  `\\( ${NOT_OURS.join(" -o ")} \\) -prune -o -type d -printf 'folder %m %u:%g %p\\n' ` +
  `-o -printf '%C@ %m %u:%g %s %p\\n' 2>/dev/null | sort -k 4`;

/** What stages have laid down in the API, by the version of each object, and what they have given nodes. */
function objects(): string[] {
  const names = [
    ...["serviceaccount/coredns", "configmap/coredns", "service/kube-dns", "clusterrole/system:coredns"],
    ...["clusterrolebinding/system:coredns", "configmap/kubernetes-bootstrap-nodes"],
    ...["clusterrole/system:kube-apiserver-to-kubelet", "clusterrolebinding/system:kube-apiserver"],
    "clusterrolebinding/kubernetes-bootstrap:kubelet-certificate-renewal",
  ];
  const version = '{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}';
  // Its status, and with that its version, is the controller manager's: it follows its pods.
  const generation = '{.kind}/{.metadata.name} {.metadata.generation}{"\\n"}';
  const given = '{.metadata.name} {.metadata.labels} {.spec.taints}{"\\n"}';
  const rows = (...args: string[]): string[] =>
    kubectl("get", ...args)
      .trim()
      .split("\n");
  return [
    ...rows(...names, "--namespace=kube-system", "-o", `jsonpath={range .items[*]}${version}{end}`),
    ...rows("deployment/coredns", "--namespace=kube-system", "-o", `jsonpath=${generation}`),
    ...rows("nodes", "-o", `jsonpath={range .items[*]}${given}{end}`),
  ];
}

/** All that a stage could change. */
function everything(): Record<string, string[]> {
  const seen = machines.map((machine) => [machine, told(machine, FILES).split("\n")] as const);
  return { ...Object.fromEntries(seen), objects: objects() };
}

interface Service {
  readonly name: string;
  readonly process: string;
  /** How often it ended by itself and was started anew, since somebody started it. */
  readonly restarts: number;
}

/** Between a program's end and its start it is no process at all. */
const allRun = (): Promise<Service[]> =>
  eventually("services to run", services, (seen) => seen.every(({ process }) => process !== "0"), 60);

function services(): Service[] {
  return machines.flatMap((machine) => {
    const units = ["ssh", ...MACHINES[machine]];
    const shown = told(machine, `systemctl show -p MainPID -p NRestarts ${units.join(" ")}`).split("\n\n");
    return units.map((unit, index) => {
      const property = (name: string): string => new RegExp(`^${name}=(\\d+)$`, "m").exec(shown[index]!)![1]!;
      return { name: `${unit} of ${machine}`, process: property("MainPID"), restarts: Number(property("NRestarts")) };
    });
  });
}

/** These end by themselves when they lose their lease, as on a machine that is too busy to renew it. */
const HAS_LEASE = /^kube-(controller-manager|scheduler) /;

/** Which are the process that they were, or one that systemd has started anew: that counts up, while starting by hand counts from 0. */
const goneOn = (before: readonly Service[], after: readonly Service[]): string[] =>
  after
    .filter(({ name, process, restarts }, index) => {
      const was = before[index]!;
      return process === was.process || (HAS_LEASE.test(name) && restarts > was.restarts);
    })
    .map(({ name }) => name);

/** Runs every stage once more. */
export function stagesRunAgain(): void {
  test(
    "changes no file and no object and restarts nothing when every stage runs twice (FT-50, FT-37)",
    async () => {
      const addresses = await terraform.state();
      const stagesOn = (machine: string): StageName[] =>
        STAGES.map(({ name }) => name).filter((name) =>
          addresses.some((address) => address.includes(`stage-${name}_${machine}_`)),
        );
      const all = machines.flatMap((machine) => stagesOn(machine));
      expect(addresses.filter((address) => !all.some((name) => address.includes(`stage-${name}_`)))).toEqual(
        addresses.filter((address) => !address.includes("stage-")),
      );
      const before = everything();
      const running = await allRun();
      // Of each kind one that must be there, or nothing would be compared.
      expect(before["controller-0"]).toContainEqual(expect.stringContaining(" /usr/local/bin/kube-apiserver"));
      expect(before["controller-0"]).toContainEqual(expect.stringContaining(" /etc/etcd/etcd-key.pem"));
      expect(before["worker-1"]).toContainEqual(expect.stringContaining(" /opt/cni/bin/bridge"));
      for (const name of BESIDE_KUBELET)
        expect(before["worker-1"]).toContainEqual(expect.stringContaining(` /var/lib/kubelet/${name}`));
      expect(before["objects"]).toHaveLength(13);

      const said: Record<string, string> = {};
      for (const machine of machines)
        for (const stage of stagesOn(machine)) {
          const command = asWritten("sudo bash kubernetes-bootstrap/worker/worker/run.sh").replaceAll("worker", stage);
          const { status: code, output } = on(machine, command, 240);
          said[stage] = output;
          expect(output).not.toMatch(/ (wrote|removed|start|restart|stop|reload|download|label|taint) /);
          expect(code).toBe(0);
        }

      expect(everything()).toEqual(before);
      expect(goneOn(running, await allRun())).toEqual(running.map(({ name }) => name));
      const applied = (stage: string): string[] =>
        said[stage]!.split("\n").flatMap((line) => /^\S+ {2}(\S+\/\S+ .+)$/.exec(line)?.[1] ?? []);
      expect(applied("rbac")).toEqual([
        "clusterrole.rbac.authorization.k8s.io/system:kube-apiserver-to-kubelet unchanged",
        "clusterrolebinding.rbac.authorization.k8s.io/system:kube-apiserver unchanged",
        "clusterrolebinding.rbac.authorization.k8s.io/kubernetes-bootstrap:kubelet-certificate-renewal unchanged",
      ]);
      expect(applied("coredns").filter((line) => !line.endsWith(" unchanged"))).toEqual([]);
    },
    minutes(5),
  );
}
