import { downloads, type DownloadsProps } from "../bootstrap/downloads";
import type { NodeEnv } from "../bootstrap/node-env";

/** Everything in `node.env` that the release decides: versions, images, and where each file comes from. */
export function software(props: DownloadsProps): Partial<NodeEnv> {
  const { release } = props;
  return {
    KUBERNETES_VERSION: release.kubernetes,
    ETCD_VERSION: release.etcd,
    CONTAINERD_VERSION: release.containerd,
    RUNC_VERSION: release.runc,
    CNI_PLUGINS_VERSION: release.cniPlugins,
    PAUSE_IMAGE: `registry.k8s.io/pause:${release.pause}`,
    COREDNS_IMAGE: `docker.io/coredns/coredns:${release.coredns}`,
    ...downloads(props),
  };
}
