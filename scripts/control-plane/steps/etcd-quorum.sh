# shellcheck shell=bash
# Waits for the members that the stage etcd started. A read answers only when a majority does.

retry 150 "$ROOT/usr/local/bin/etcdctl" get / --prefix --limit=1 --keys-only --endpoints="$ETCD_SERVERS" \
  --cacert="$ROOT/var/lib/kubernetes/etcd-ca.pem" --cert="$ROOT/var/lib/kubernetes/etcd-client.pem" \
  --key="$ROOT/var/lib/kubernetes/etcd-client-key.pem" --dial-timeout=3s --command-timeout=5s ||
  die "etcd has no majority after ${PATIENCE_SECONDS:-150} s: $ETCD_SERVERS: $(last_line "$LOG_FILE"); see journalctl -u etcd on each controller"
