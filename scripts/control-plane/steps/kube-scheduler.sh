# shellcheck shell=bash
# The scheduler.

service kube-scheduler /usr/local/bin/kube-scheduler /etc/kubernetes/config/kube-scheduler.yaml \
  /var/lib/kubernetes/kube-scheduler.kubeconfig

# Its own certificate is one it makes for itself at each start, so there is none to check it against.
comes_up kube-scheduler 60 curl --silent --show-error --fail --insecure --noproxy '*' --max-time 5 --output /dev/null \
  https://127.0.0.1:10259/healthz
