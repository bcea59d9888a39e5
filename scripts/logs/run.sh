#!/usr/bin/env bash
# Ships the logs of this machine's services and pods to CloudWatch; the files stay, and kubectl logs with them. Safe to run again.
# reads: NODE_NAME AWS_REGION LOGS_ENDPOINT LOG_GROUP OTELCOL_VERSION OTELCOL_URL OTELCOL_SHA256
# may be empty: OTELCOL_SHA256
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step program
step service
finish
