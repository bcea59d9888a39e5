# shellcheck shell=bash
# The controller manager: keeps pods of $POD_CIDR out of each other's way, signs certificates and tokens.

service kube-controller-manager /usr/local/bin/kube-controller-manager \
  /var/lib/kubernetes/ca.pem /var/lib/kubernetes/ca-key.pem /var/lib/kubernetes/service-account-key.pem \
  /var/lib/kubernetes/kube-controller-manager.kubeconfig

# Its own certificate is one it makes for itself at each start, so there is none to check it against.
comes_up kube-controller-manager 60 curl --silent --show-error --fail --insecure --noproxy '*' --max-time 5 --output /dev/null \
  https://127.0.0.1:10257/healthz
