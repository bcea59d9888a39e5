# shellcheck shell=bash
# What the stage control-plane installs.

ahead kube-apiserver "$KUBE_APISERVER_URL" "$KUBE_APISERVER_SHA256"
ahead kube-controller-manager "$KUBE_CONTROLLER_MANAGER_URL" "$KUBE_CONTROLLER_MANAGER_SHA256"
ahead kube-scheduler "$KUBE_SCHEDULER_URL" "$KUBE_SCHEDULER_SHA256"
ahead kubectl "$KUBECTL_URL" "$KUBECTL_SHA256"
