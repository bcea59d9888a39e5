#!/usr/bin/env bash
# Makes vxlan0, and through it the way to the pods of every other machine; takes away what no longer leads to one.
# Reads NODE_IP, POD_CIDR, and VXLAN_PEERS: ADDRESS=BLOCK for each machine, this one among them.
set -euo pipefail

device=vxlan0

# Nobody has to tell a machine's Ethernet address in the overlay: it follows from its address in the network.
mac_of() {
  local bytes
  IFS=. read -ra bytes <<<"$1"
  printf '02:00:%02x:%02x:%02x:%02x' "${bytes[@]}"
}

outside=$(ip -4 -oneline address show | awk -v address="$NODE_IP" 'index($4, address "/") == 1 { print $2; exit }')
[[ -n $outside ]] || {
  echo "error: no interface has the address $NODE_IP" >&2
  exit 1
}

# One that was made otherwise cannot be changed into ours.
made=$(ip -details link show "$device" 2>/dev/null) || true
if [[ ! $made =~ vxlan\ id\ 1\ local\ ${NODE_IP//./\\.}\ .*dstport\ 8472\ nolearning ]]; then
  ip link delete "$device" 2>/dev/null || true
  ip link add "$device" address "$(mac_of "$NODE_IP")" type vxlan id 1 local "$NODE_IP" dstport 8472 nolearning
fi
# IP, UDP, VXLAN and Ethernet headers take 50 bytes of what the network carries.
ip link set "$device" mtu "$(($(<"/sys/class/net/$outside/mtu") - 50))" up
# What the machine itself sends to pods comes from the first address of its own block.
ip address replace "${POD_CIDR%/*}/32" dev "$device"

declare -A wanted=()
for peer in $VXLAN_PEERS; do
  address=${peer%%=*} block=${peer#*=}
  [[ $address != "$NODE_IP" ]] || continue
  gateway=${block%/*} mac=$(mac_of "$address")
  wanted+=([$address]=1 [$gateway]=1 [$block]=1)
  bridge fdb replace "$mac" dev "$device" dst "$address" self permanent
  ip neighbour replace "$gateway" lladdr "$mac" dev "$device" nud permanent
  ip route replace "$block" via "$gateway" dev "$device" onlink
done

ip -4 route show dev "$device" | while read -r block _; do
  [[ -n ${wanted[$block]:-} ]] || ip route delete "$block" dev "$device"
done
ip -4 neighbour show dev "$device" nud permanent | while read -r gateway _; do
  [[ -n ${wanted[$gateway]:-} ]] || ip neighbour delete "$gateway" dev "$device"
done
bridge fdb show dev "$device" | while read -r mac _ address _; do
  [[ -n ${wanted[$address]:-} ]] || bridge fdb delete "$mac" dev "$device" dst "$address" self
done
