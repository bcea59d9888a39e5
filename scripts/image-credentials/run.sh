#!/usr/bin/env bash
# Gives kubelet the program that fetches the credentials for images of ECR. Safe to run again.
# reads: NODE_NAME ECR_CREDENTIAL_PROVIDER_URL ECR_CREDENTIAL_PROVIDER_SHA256
# may be empty: ECR_CREDENTIAL_PROVIDER_SHA256
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$(dirname "$0")/../lib/common.sh"

begin
step provider
finish
