import { downloads, type DownloadsProps } from "../bootstrap/downloads";
import type { NodeEnv } from "../bootstrap/node-env";
import type { ExtraArguments } from "../facts/component-flags";
import { imageReference, releaseImages } from "../facts/release-images";
import type { HardWaySettings } from "../rules/hard-way-settings";

/** Everything in `node.env` that the release decides: versions, images, and where each file comes from. */
export function software(props: DownloadsProps): Partial<NodeEnv> {
  const { release } = props;
  const { pause, coredns } = releaseImages(release);
  return {
    KUBERNETES_VERSION: release.kubernetes,
    ETCD_VERSION: release.etcd,
    CONTAINERD_VERSION: release.containerd,
    RUNC_VERSION: release.runc,
    CNI_PLUGINS_VERSION: release.cniPlugins,
    OTELCOL_VERSION: release.otelcol,
    PAUSE_IMAGE: imageReference(pause),
    COREDNS_IMAGE: imageReference(coredns),
    ...downloads(props),
  };
}

/** The flags by which kubelet asks the program that the stage image-credentials installs, besides people's own. */
export function withImageCredentials({
  extraArguments,
  containerRegistry,
}: Pick<HardWaySettings, "extraArguments" | "containerRegistry">): ExtraArguments {
  if (containerRegistry === undefined) return extraArguments;
  const provider = {
    "image-credential-provider-config": "/etc/kubernetes/image-credential-provider.yaml",
    "image-credential-provider-bin-dir": "/usr/local/bin",
  };
  return { ...extraArguments, kubelet: { ...extraArguments.kubelet, ...provider } };
}
