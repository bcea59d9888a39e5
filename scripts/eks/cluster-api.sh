#!/usr/bin/env bash
# How the steps of EKS reach a cluster from the machine where Terraform runs, with kubectl and nothing else. Sourced.
# That machine may be a Mac: nothing here is newer than bash 3.2.
set -Eeuo pipefail
umask 077

SCRIPT=$(basename "$0" .sh)
SCRATCH=
FAILED_COMMAND=
EXPLAINED=
# What a call said last, and why it failed: nothing, missing, refused, forbidden, unreachable, impostor, conflict or failed.
SAID=
REASON=
# What kubectl is told beside the kubeconfig; nothing of the user's own settings, as aliases and defaults, is read.
export KUBECTL_KUBERC=false

trap 'FAILED_COMMAND=$BASH_COMMAND' ERR
trap leave EXIT

log() {
  printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"
}

# die WHAT: WHERE; CURE
die() {
  EXPLAINED=yes
  printf 'error: %s for %s: %s\n' "$SCRIPT" "${CLUSTER_NAME:-EKS}" "$*" >&2
  exit 1
}

leave() {
  local status=$?
  trap - ERR
  [[ -z ${TOKEN_FILE:-} ]] || rm -f -- "$TOKEN_FILE"
  [[ -z $SCRATCH ]] || rm -rf -- "$SCRATCH"
  [[ $status -eq 0 || -n $EXPLAINED ]] ||
    printf 'error: %s for %s: %s failed: %s\n' "$SCRIPT" "${CLUSTER_NAME:-EKS}" "${FAILED_COMMAND:-a command}" \
      "${SAID:-it said nothing}" >&2
  exit "$status"
}

require_kubectl() {
  command -v kubectl >/dev/null ||
    die "kubectl is not on PATH: PATH is $PATH; install it from https://kubernetes.io/docs/tasks/tools and run terraform apply again"
}

# connect NAME…: refuses to go on without these variables, and makes a kubeconfig whose token stays in its file.
connect() {
  local name
  for name in CLUSTER_NAME CLUSTER_ENDPOINT CLUSTER_CA_DATA TOKEN_FILE TIMEOUT_SECONDS "$@"; do
    [[ -n ${!name:-} ]] || die "$name is empty: Terraform gives it in the environment; run terraform apply instead of this script"
  done
  require_kubectl
  [[ -s $TOKEN_FILE ]] || die "no token: $TOKEN_FILE is missing or empty; run terraform apply again"
  case $TOKEN_FILE in /*) ;; *) TOKEN_FILE=$PWD/$TOKEN_FILE ;; esac
  SCRATCH=$(mktemp -d)
  DEADLINE=$((SECONDS + TIMEOUT_SECONDS))
  cat >"$SCRATCH/kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: eks, cluster: {server: "$CLUSTER_ENDPOINT", certificate-authority-data: "$CLUSTER_CA_DATA"}}]
users: [{name: terraform, user: {tokenFile: "$TOKEN_FILE"}}]
contexts: [{name: eks, context: {cluster: eks, user: terraform}}]
current-context: eks
END
  KUBECTL=(kubectl "--kubeconfig=$SCRATCH/kubeconfig" "--cache-dir=$SCRATCH/cache" --request-timeout=10s)
}

# ask ARGUMENT…: one call of kubectl; its answer is in SAID, and REASON says why there is none.
ask() {
  local status=0
  SAID=$("${KUBECTL[@]}" "$@" 2>"$SCRATCH/said") || status=$?
  REASON=
  [[ $status -ne 0 ]] || return 0
  # Warnings come before the error.
  SAID=$(grep -v '^[[:space:]]*$' "$SCRATCH/said" | tail -n 1) || SAID="kubectl ended with $status"
  case $SAID in
    *Unauthorized* | *"must be logged in"*) REASON=refused ;;
    *"(NotFound)"*) REASON=missing ;;
    *"(Conflict)"* | *"(AlreadyExists)"*) REASON=conflict ;;
    *"(Forbidden)"*) REASON=forbidden ;;
    *x509:* | *"tls: failed to verify"*) REASON=impostor ;;
    *"nable to connect"* | *"no such host"* | *refused* | *timeout* | *"no route"* | *unreachable* | *deadline* | *EOF* | \
      *"(ServiceUnavailable)"* | *"reset by peer"* | *"not ready"*) REASON=unreachable ;;
    *) REASON=failed ;;
  esac
  return 1
}

# ask_patiently ARGUMENT…: like ask, again and again while the API cannot be reached, and for a moment while it does not know
# the token: a new cluster may take that long to know who made it.
ask_patiently() {
  local told='' refused=$((SECONDS + 20))
  until ask "$@"; do
    [[ $REASON == unreachable || ($REASON == refused && $SECONDS -lt $refused) ]] || return 1
    [[ $SECONDS -lt $DEADLINE ]] || return 1
    [[ $REASON == "$told" ]] || log "waiting for $CLUSTER_ENDPOINT: $SAID"
    told=$REASON
    sleep 2
  done
}

# give_up: ends with what the last call said, and what helps.
give_up() {
  case $REASON in
    refused)
      die "the API does not accept the token (Unauthorized): $CLUSTER_ENDPOINT; it lives 15 minutes, so run terraform apply again, as the identity that made the cluster or one that an access entry or aws-auth admits"
      ;;
    forbidden)
      die "the identity that runs Terraform may not do this: $SAID; give it the access policy AmazonEKSClusterAdminPolicy, or group system:masters in aws-auth"
      ;;
    unreachable)
      die "the API cannot be reached: $CLUSTER_ENDPOINT: $SAID; check that its public access CIDRs have this computer's address, or run Terraform inside the VPC for a private endpoint"
      ;;
    impostor)
      die "the certificate of $CLUSTER_ENDPOINT is not from the cluster's authority: $SAID; check that no proxy stands between, and run terraform apply again"
      ;;
    *) die "the API refuses: $SAID; run terraform apply again, and see kubectl --namespace=kube-system get configmap aws-auth" ;;
  esac
}

# look TEMPLATE FILE: what is in a manifest, asked of nobody.
look() {
  "${KUBECTL[@]}" patch --local --filename="$2" --type=merge --patch='{}' --output="$1" 2>"$SCRATCH/said"
}

# entries TEXT [FIELD]: each entry of a YAML list in a line: its ARN, a tab, itself as JSON. Fails where the text is no list.
entries() {
  local manifest=$SCRATCH/list.yaml field=${2:+.$2}
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: list}\nlist:\n' >"$manifest"
  # A list that is indented as a whole is still one, whatever its style.
  printf '%s\n' "$1" | sed -e '1{/^---[[:space:]]*$/d;}' -e 's/^/  /' >>"$manifest"
  case $(look 'jsonpath={.list}' "$manifest") in
    null | '['*) ;;
    *) return 1 ;;
  esac
  look "jsonpath={range .list[*]}{${field:-@}}{\"\\t\"}{@}{\"\\n\"}{end}" "$manifest" |
    awk -F '\t' -v OFS='\t' '{ if ($2 !~ /^\{/) $2 = "\"" $2 "\""; print }'
}

# field KEY FILE: a key of a ConfigMap's data, byte for byte, with a full stop that keeps its last line breaks from the shell.
field() {
  look "jsonpath={.data.$1}{\".\"}" "$2"
}
