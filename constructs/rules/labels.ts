// Source: kubernetes.io/docs/concepts/overview/working-with-objects/labels, syntax and character set (2026-08).
const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}\/)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\//;

export const isLabelKey = (key: string): boolean => NAME.test(key.replace(PREFIX, ""));
export const isLabelValue = (value: string): boolean => value === "" || NAME.test(value);

// What a kubelet may say of itself. Source: kubelet --node-labels, and the admission plugin NodeRestriction (2026-08).
const OF_KUBELET = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);

/** Whether a kubelet may give its own node this label. */
export const mayRegister = (key: string): boolean => {
  const [prefix = ""] = key.includes("/") ? key.split("/") : [""];
  const ends = (domain: string): boolean => prefix === domain || prefix.endsWith(`.${domain}`);
  if (!ends("kubernetes.io") && !ends("k8s.io")) return true;
  return OF_KUBELET.has(key) || ends("kubelet.kubernetes.io") || ends("node.kubernetes.io");
};

export const areLabels = (labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => isLabelKey(key) && isLabelValue(value));

/** Whether each is one, and none is there twice. */
export const areTaints = (
  taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[],
): boolean =>
  taints.every(
    ({ key, value = "", effect }) =>
      isLabelKey(key) && isLabelValue(value) && ["NoSchedule", "PreferNoSchedule", "NoExecute"].includes(effect),
  ) && new Set(taints.map(({ key, effect }) => `${key}:${effect}`)).size === taints.length;
