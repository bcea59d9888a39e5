#!/usr/bin/env bash
# Fetches the programs of the stage control-plane, which uses the old ones until it takes them. Safe to run again.
# reads: NODE_NAME KUBE_APISERVER_URL KUBE_APISERVER_SHA256 KUBE_CONTROLLER_MANAGER_URL KUBE_CONTROLLER_MANAGER_SHA256 KUBE_SCHEDULER_URL KUBE_SCHEDULER_SHA256 KUBECTL_URL KUBECTL_SHA256
# may be empty:
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step programs
finish
