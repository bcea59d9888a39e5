import type { NodeEnv } from "./node-env";

export interface DropIns {
  /** Fields of KubeletConfiguration, over those of the library. */
  readonly kubeletConfiguration: Readonly<Record<string, unknown>>;
  /** TOML, over that of the library; lists are replaced whole. */
  readonly containerdConfiguration: string;
}

/** What people set in kubelet's and containerd's files, as variables of `node.env`; empty where they set nothing. */
export function dropIns(given: DropIns): Pick<NodeEnv, "KUBELET_CONFIGURATION" | "CONTAINERD_CONFIGURATION"> {
  const head = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };
  const kubelet = given.kubeletConfiguration;
  return {
    KUBELET_CONFIGURATION: Object.keys(kubelet).length === 0 ? "" : oneLine(JSON.stringify({ ...head, ...kubelet })),
    CONTAINERD_CONFIGURATION: oneLine(given.containerdConfiguration),
  };
}

/** A text as `printf %b` reads it, since a value of node.env has neither line breaks nor quotes. */
function oneLine(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\r", "").replaceAll("\n", "\\n").replaceAll("'", "\\0047");
}
