#!/usr/bin/env bash
# Whether this machine has what the steps of EKS need. Asked before anything is created.
# shellcheck source-path=SCRIPTDIR source=cluster-api.sh
. "$(dirname "$0")/cluster-api.sh"

require_kubectl
SAID=$(kubectl version --client 2>&1) || die "kubectl does not run: $(command -v kubectl): $SAID; install it anew"
