#!/usr/bin/env bash
# Gives sshd the host key that this machine keeps, instead of the one in its user data. Safe to run again.
# reads: NODE_NAME
# may be empty:
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step key
step sshd
step first-key
finish
