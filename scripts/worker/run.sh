#!/usr/bin/env bash
# Makes this machine a node: containerd, kubelet and kube-proxy, until the API calls it Ready. Safe to run again.
# reads: NODE_NAME NODE_IP NODE_LABELS NODE_TAINTS POD_CIDR CLUSTER_POD_CIDR CLUSTER_DNS CLUSTER_DOMAIN API_ADDRESS KUBE_PROXY_MODE PAUSE_IMAGE IMAGE_MIRROR PACKAGE_MIRROR KUBERNETES_VERSION CONTAINERD_VERSION RUNC_VERSION CNI_PLUGINS_VERSION KUBELET_URL KUBELET_SHA256 KUBE_PROXY_URL KUBE_PROXY_SHA256 KUBECTL_URL KUBECTL_SHA256 CONTAINERD_URL CONTAINERD_SHA256 RUNC_URL RUNC_SHA256 CNI_PLUGINS_URL CNI_PLUGINS_SHA256
# may be empty: NODE_TAINTS IMAGE_MIRROR PACKAGE_MIRROR
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step files
step packages
step swap
step kernel
step binaries
step containerd
step pod-network
step kubelet
step kube-proxy
step ready
finish
