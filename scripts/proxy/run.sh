#!/usr/bin/env bash
# Has downloads, apt, containerd and kubelet go through the HTTP proxy. Safe to run again.
# reads: NODE_NAME PROXY_CA
# may be empty: PROXY_CA
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step environment
step authority
step apt
step services
finish
