# shellcheck shell=bash
# etcd and its two tools, out of the one archive of the one version.

folder=$(basename "$ETCD_URL" .tar.gz)
archive etcd "$ETCD_URL" "$ETCD_SHA256" "$ETCD_VERSION" /usr/local/bin "$folder/etcd" "$folder/etcdctl" "$folder/etcdutl"
