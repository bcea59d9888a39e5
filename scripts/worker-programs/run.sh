#!/usr/bin/env bash
# Installs packages and fetches the programs of the stage worker, which uses the old ones until it takes them. Safe to run again.
# reads: NODE_NAME KUBE_PROXY_MODE PACKAGE_MIRROR KUBELET_URL KUBELET_SHA256 KUBE_PROXY_URL KUBE_PROXY_SHA256 KUBECTL_URL KUBECTL_SHA256 CONTAINERD_URL CONTAINERD_SHA256 RUNC_URL RUNC_SHA256 CNI_PLUGINS_URL CNI_PLUGINS_SHA256
# may be empty: PACKAGE_MIRROR
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step packages
step programs
finish
