// Source: kubernetes.io/releases/version-skew-policy (2026-08), for kubelet and kube-proxy.
const MINORS_BEHIND = 3;

/**
 * Whether kubelets of `worker` work with API servers of `controlPlane`, both as in 1.36.3: never newer, for they would ask
 * what it does not know or does not allow yet, and at most three minor versions older.
 */
export function mayServe(controlPlane: string, worker: string): boolean {
  const [major, minor] = numbers(controlPlane);
  const [workerMajor, workerMinor] = numbers(worker);
  return major === workerMajor && workerMinor <= minor && minor - workerMinor <= MINORS_BEHIND;
}

function numbers(version: string): [major: number, minor: number] {
  const [major = NaN, minor = NaN] = version.split(".").map(Number);
  return [major, minor];
}
