# shellcheck shell=bash
# A machine without etcd's data starts as a member of a new cluster. Where the others already are a cluster, it would never join,
# or found a second one with whoever else is new, and data would be written to two places. So it asks them first.

# members_at URL: a line for each member that the etcd there knows.
members_at() {
  curl --http1.1 --silent --fail --noproxy '*' --max-time 3 --cacert "$ROOT/etc/etcd/ca.pem" \
    --cert "$ROOT/etc/etcd/etcd.pem" --key "$ROOT/etc/etcd/etcd-key.pem" "$1/members" | sed 's/},{/}\n{/g'
}

if [[ ! -e $ROOT/var/lib/etcd/member ]]; then
  IFS=, read -ra peers <<<"$ETCD_INITIAL_CLUSTER"
  # Three times, since a member that is being restarted is silent for a moment.
  for attempt in 1 2 3; do
    silent=0
    for peer in "${peers[@]}"; do
      [[ ${peer%%=*} != "$NODE_NAME" ]] || continue
      members=$(members_at "${peer#*=}") || {
        silent=1
        continue
      }
      own=$(grep -F "\"https://$NODE_IP:2380\"" <<<"$members") ||
        die "etcd on ${peer%%=*} is a cluster without this machine: ETCD_INITIAL_CLUSTER in node.env; a control plane keeps its count of machines, see docs/stages.md"
      # A member that was never started has no address for clients yet.
      [[ $own != *'"clientURLs":["'* ]] ||
        die "etcd on ${peer%%=*} knows this machine as a member, but its data is gone: $ROOT/var/lib/etcd; restore it or rebuild the control plane, see docs/stages.md"
    done
    [[ $silent -eq 1 && $attempt -lt 3 ]] || break
    sleep 1
  done
fi
