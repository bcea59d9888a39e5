# shellcheck shell=bash
# What runs on a node does not mind them.

node_packages "$PACKAGE_MIRROR" "$KUBE_PROXY_MODE"
