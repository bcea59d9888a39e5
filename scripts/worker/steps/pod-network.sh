# shellcheck shell=bash
# Pods hang on a bridge and get addresses of this node's own range, and their hostPorts; routes to the other nodes' ranges are the
# VPC's, or lead into the device of the stage vxlan, whose packets are a little smaller.

mtu=
if [[ $POD_NETWORK == vxlan ]]; then
  mtu="
      \"mtu\": $(<"$ROOT/sys/class/net/vxlan0/mtu"),"
else
  retire vxlan ip link delete vxlan0
fi

put 0600 /etc/cni/net.d/10-bridge.conflist <<END
{
  "cniVersion": "1.0.0",
  "name": "bridge",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "cnio0",
      "isGateway": true,
      "ipMasq": true,
      "hairpinMode": true,$mtu
      "ipam": {
        "type": "host-local",
        "ranges": [[{ "subnet": "$POD_CIDR" }]],
        "routes": [{ "dst": "0.0.0.0/0" }]
      }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
END
# Comes before the list by its name, and has no portmap: a container's hostPort would be ignored in silence.
discard /etc/cni/net.d/10-bridge.conf
put 0600 /etc/cni/net.d/99-loopback.conf <<'END'
{
  "cniVersion": "1.0.0",
  "name": "lo",
  "type": "loopback"
}
END
