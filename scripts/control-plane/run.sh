#!/usr/bin/env bash
# Makes this machine a controller: API server, controller manager and scheduler. Safe to run again.
# reads: CLUSTER_NAME NODE_NAME NODE_IP SSH_USER KUBERNETES_VERSION API_ADDRESS ETCD_SERVERS SERVICE_CIDR POD_CIDR SERVICE_NODE_PORT_RANGE KUBE_APISERVER_URL KUBE_APISERVER_SHA256 KUBE_CONTROLLER_MANAGER_URL KUBE_CONTROLLER_MANAGER_SHA256 KUBE_SCHEDULER_URL KUBE_SCHEDULER_SHA256 KUBECTL_URL KUBECTL_SHA256 POD_NETWORK HEALTH_PROXY PACKAGE_MIRROR KUBE_APISERVER_ARGUMENTS KUBE_CONTROLLER_MANAGER_ARGUMENTS KUBE_SCHEDULER_ARGUMENTS
# may be empty: HEALTH_PROXY PACKAGE_MIRROR KUBE_APISERVER_ARGUMENTS KUBE_CONTROLLER_MANAGER_ARGUMENTS KUBE_SCHEDULER_ARGUMENTS
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step version
step files
step etcd-quorum
step binaries
step kube-apiserver
step kube-controller-manager
step kube-scheduler
step health-proxy
step admin-kubeconfig
step ready
finish
