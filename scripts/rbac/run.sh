#!/usr/bin/env bash
# Lets the API server talk to kubelets, and kubelets renew their own certificates. Safe to run again.
# reads: NODE_NAME
# may be empty:
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step apply
finish
