# shellcheck shell=bash
# The scheduler.

service kube-scheduler /usr/local/bin/kube-scheduler /etc/kubernetes/config/kube-scheduler.yaml \
  /var/lib/kubernetes/kube-scheduler.kubeconfig
