# shellcheck shell=bash
# The programs of a node.

binary kubelet "$KUBELET_URL" "$KUBELET_SHA256" "$KUBERNETES_VERSION"
binary kube-proxy "$KUBE_PROXY_URL" "$KUBE_PROXY_SHA256" "$KUBERNETES_VERSION"
binary kubectl "$KUBECTL_URL" "$KUBECTL_SHA256" "$KUBERNETES_VERSION" version --client
binary runc "$RUNC_URL" "$RUNC_SHA256" "$RUNC_VERSION"
archive containerd "$CONTAINERD_URL" "$CONTAINERD_SHA256" "$CONTAINERD_VERSION" /usr/local/bin \
  bin/containerd bin/containerd-shim-runc-v2 bin/ctr
# Not every build of the plugins tells its version, so the checksum alone vouches for it.
log "CNI plugins $CNI_PLUGINS_VERSION"
archive cni-plugins "$CNI_PLUGINS_URL" "$CNI_PLUGINS_SHA256" "" /opt/cni/bin
