#!/usr/bin/env bash
# Gives the cluster its DNS: two CoreDNS pods behind the address that kubelets hand to pods. Safe to run again.
# reads: COREDNS_IMAGE CLUSTER_DNS CLUSTER_DOMAIN NODE_NAME
# may be empty:
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step manifest
step rollout
finish
