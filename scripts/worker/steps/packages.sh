# shellcheck shell=bash
# What kubelet and kube-proxy call: socat for port-forward, the others for Services. Debian's machine image lacks iptables.

wanted=(socat conntrack ipset iptables)
[[ $KUBE_PROXY_MODE != nftables ]] || wanted+=(nftables)
packages "$PACKAGE_MIRROR" "${wanted[@]}"
