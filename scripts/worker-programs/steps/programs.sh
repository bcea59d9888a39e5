# shellcheck shell=bash
# What the stage worker installs.

ahead kubelet "$KUBELET_URL" "$KUBELET_SHA256"
ahead kube-proxy "$KUBE_PROXY_URL" "$KUBE_PROXY_SHA256"
ahead kubectl "$KUBECTL_URL" "$KUBECTL_SHA256"
ahead runc "$RUNC_URL" "$RUNC_SHA256"
ahead containerd "$CONTAINERD_URL" "$CONTAINERD_SHA256" bin/containerd bin/containerd-shim-runc-v2 bin/ctr
ahead cni-plugins "$CNI_PLUGINS_URL" "$CNI_PLUGINS_SHA256"
