#!/usr/bin/env bash
# Gives every node the labels and taints of its pool, and takes away those that it had from us and has no longer. Safe to run again.
# reads: NODE_NAME NODES
# may be empty:
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step apply
finish
