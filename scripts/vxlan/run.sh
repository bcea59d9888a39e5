#!/usr/bin/env bash
# Gives this machine the device through which it and its pods reach the pods of the others. Safe to run again.
# reads: NODE_NAME NODE_IP POD_CIDR VXLAN_PEERS
# may be empty:
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step files
step device
finish
