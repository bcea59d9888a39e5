# shellcheck shell=bash
# The programs of the control plane, all of one version.

binary kube-apiserver "$KUBE_APISERVER_URL" "$KUBE_APISERVER_SHA256" "$KUBERNETES_VERSION"
binary kube-controller-manager "$KUBE_CONTROLLER_MANAGER_URL" "$KUBE_CONTROLLER_MANAGER_SHA256" "$KUBERNETES_VERSION"
binary kube-scheduler "$KUBE_SCHEDULER_URL" "$KUBE_SCHEDULER_SHA256" "$KUBERNETES_VERSION"
binary kubectl "$KUBECTL_URL" "$KUBECTL_SHA256" "$KUBERNETES_VERSION" version --client
