# shellcheck shell=bash
# The API server, up to the moment when it calls itself ready.

# To webhooks and aggregated APIs, which are pods, it goes as nodes do.
[[ $POD_NETWORK == vxlan ]] || retire vxlan ip link delete vxlan0

log "API of $CLUSTER_NAME at $NODE_IP:6443, for clients https://$API_ADDRESS:6443; services $SERVICE_CIDR, node ports $SERVICE_NODE_PORT_RANGE"
own_files=(/etc/kubernetes/config/authentication.yaml /etc/kubernetes/config/audit-policy.yaml
  /var/lib/kubernetes/encryption-config.yaml /var/lib/kubernetes/service-account.pem)
for name in ca etcd-ca front-proxy-ca; do
  own_files+=("/var/lib/kubernetes/$name.pem")
done
for name in kube-apiserver kubelet-client etcd-client front-proxy-client; do
  own_files+=("/var/lib/kubernetes/$name.pem" "/var/lib/kubernetes/$name-key.pem")
done
service kube-apiserver /usr/local/bin/kube-apiserver "${own_files[@]}" /var/lib/kubernetes/service-account-key.pem

# As the load balancer asks. kubectl would take the processor that the API server needs to come up.
comes_up kube-apiserver 120 curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null \
  --cacert "$ROOT/var/lib/kubernetes/ca.pem" https://127.0.0.1:6443/readyz
