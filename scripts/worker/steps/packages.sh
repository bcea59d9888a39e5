# shellcheck shell=bash
# They are there already, unless somebody has taken them away since.

node_packages "$PACKAGE_MIRROR" "$KUBE_PROXY_MODE"
