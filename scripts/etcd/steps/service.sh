# shellcheck shell=bash
# Starts the member. It is ready only when a majority is there, and Terraform may do one machine after the other, so all that is
# waited for is that it answers its peers.

log "member $NODE_NAME of the etcd cluster $ETCD_CLUSTER_TOKEN of $CLUSTER_NAME: $ETCD_INITIAL_CLUSTER"
service etcd /usr/local/bin/etcd /etc/etcd/ca.pem /etc/etcd/etcd.pem /etc/etcd/etcd-key.pem

# Its peers' port speaks HTTP/1.1 alone.
comes_up etcd 60 curl --http1.1 --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null \
  --cacert "$ROOT/etc/etcd/ca.pem" --cert "$ROOT/etc/etcd/etcd.pem" --key "$ROOT/etc/etcd/etcd-key.pem" \
  "https://$NODE_IP:2380/members"
