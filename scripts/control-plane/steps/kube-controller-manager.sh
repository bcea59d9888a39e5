# shellcheck shell=bash
# The controller manager: keeps pods of $POD_CIDR out of each other's way, signs certificates and tokens.

service kube-controller-manager /usr/local/bin/kube-controller-manager \
  /var/lib/kubernetes/ca.pem /var/lib/kubernetes/ca-key.pem /var/lib/kubernetes/service-account-key.pem \
  /var/lib/kubernetes/kube-controller-manager.kubeconfig
