# shellcheck shell=bash
# The device, and a route to the pods of each machine in $VXLAN_PEERS.

log "pods of $NODE_IP: $POD_CIDR"
service vxlan /usr/local/sbin/vxlan-device /etc/kubernetes/vxlan.env
comes_up vxlan 60 systemctl is-active --quiet vxlan.service
