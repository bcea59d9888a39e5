#!/usr/bin/env bash
# Makes this machine a member of the etcd cluster, without waiting for the other members. Safe to run again.
# reads: CLUSTER_NAME NODE_NAME NODE_IP ETCD_VERSION ETCD_URL ETCD_SHA256 ETCD_INITIAL_CLUSTER ETCD_CLUSTER_TOKEN ETCD_ARGUMENTS
# may be empty: ETCD_SHA256 ETCD_ARGUMENTS
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step binaries
step files
step membership
step service
finish
