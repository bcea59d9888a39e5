# shellcheck shell=bash
# Certificates, keys and kubeconfigs of the control plane, and the configuration that needs no values.

folder 0755 /var/lib/kubernetes
for name in ca kube-apiserver kubelet-client etcd-ca etcd-client front-proxy-ca front-proxy-client service-account; do
  take 0644 "$name.pem" "/var/lib/kubernetes/$name.pem"
done
for name in ca kube-apiserver kubelet-client etcd-client front-proxy-client service-account; do
  take 0600 "$name-key.pem" "/var/lib/kubernetes/$name-key.pem"
done
for name in encryption-config.yaml kube-controller-manager.kubeconfig kube-scheduler.kubeconfig admin.kubeconfig; do
  take 0600 "$name" "/var/lib/kubernetes/$name"
done
for name in authentication.yaml audit-policy.yaml kube-scheduler.yaml; do
  put 0600 "/etc/kubernetes/config/$name" <"$HERE/config/$name"
done
keep_environment
