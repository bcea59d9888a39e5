import { releaseOf } from "../../constructs";

/** The services of each kind of machine. */
export const UNITS = {
  controller: ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"],
  worker: ["containerd", "kubelet", "kube-proxy"],
} as const;

/** What runs on a controller and a worker: the versions that the programs of the services say, and the pause image. */
export function runningOn(
  controller: string,
  worker: string,
  told: (machine: string, command: string) => string,
): Record<string, string> {
  const pid = (unit: string): string => `/proc/$(systemctl show -p MainPID --value ${unit})/exe`;
  const says = (unit: string): string =>
    `echo ${unit} $(sudo readlink ${pid(unit)}) ` +
    `$(sudo ${pid(unit)} --version | grep -oE '[0-9]+\\.[0-9]+\\.[0-9]+' | head -n 1)`;
  const alone = ["kubectl version --client | grep Client", "runc --version | head -n 1"];
  // Its warnings are no version.
  const pause = "sudo containerd config dump 2>/dev/null | grep -E '^ *sandbox = '";
  const rows = [
    ...told(controller, UNITS.controller.map(says).join("; ")).split("\n"),
    ...told(worker, [...UNITS.worker.map(says), ...alone, pause].join("; ")).split("\n"),
  ];
  const others = rows.splice(-3).map((text) => /\d+(\.\d+)+/.exec(text)?.[0] ?? text);
  const seen = rows.map((row) => {
    const [unit = "", path = "", version = ""] = row.split(" ");
    return [unit, path === `/usr/local/bin/${unit}` ? version : row];
  });
  return Object.fromEntries([
    ...seen,
    ...["kubectl", "runc", "pause"].map((name, index) => [name, others[index]]),
  ]) as Record<string, string>;
}

/** What has to run where the control plane and the worker are of these versions of Kubernetes. */
export const expected = (controlPlane: string, worker = controlPlane): Record<string, string> => {
  const { etcd } = releaseOf(controlPlane);
  const { containerd, runc, pause } = releaseOf(worker);
  return {
    ...{ etcd, "kube-apiserver": controlPlane },
    ...{ "kube-controller-manager": controlPlane, "kube-scheduler": controlPlane },
    ...{ containerd, runc, pause, kubelet: worker, "kube-proxy": worker, kubectl: worker },
  };
};
