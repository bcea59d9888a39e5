# shellcheck shell=bash
# Whom etcd runs as, where its data lies, and the certificates of its own authority.

id -u etcd >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/etcd --no-create-home --shell /usr/sbin/nologin etcd
folder 0700 /var/lib/etcd etcd:etcd
folder 0755 /etc/etcd
take 0644 etcd-ca.pem /etc/etcd/ca.pem
take 0644 etcd.pem /etc/etcd/etcd.pem
take 0600 etcd-key.pem /etc/etcd/etcd-key.pem etcd:etcd
keep_environment

# For people and scripts: "set -a; . /etc/etcd/etcdctl.env" and etcdctl needs no flags.
put 0644 /etc/etcd/etcdctl.env <<'END'
ETCDCTL_ENDPOINTS=https://127.0.0.1:2379
ETCDCTL_CACERT=/etc/etcd/ca.pem
ETCDCTL_CERT=/etc/etcd/etcd.pem
ETCDCTL_KEY=/etc/etcd/etcd-key.pem
END
