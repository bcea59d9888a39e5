#!/usr/bin/env bash
# Waits until EXPECTED_NODES nodes are Ready, or says why they are not, as far as the cluster knows it.
# Variables: see connect below, GROUP_NAMES for the sentence, and TOKEN_FILE, which it removes.
# shellcheck source-path=SCRIPTDIR source=cluster-api.sh
. "$(dirname "$0")/cluster-api.sh"

TIMEOUT_SECONDS=${TIMEOUT_SECONDS:-600}
NODE_ROLE_ARNS=${NODE_ROLE_ARNS:-}
GROUP_NAMES=${GROUP_NAMES:-}
# The first of the reasons found, which is the sentence that this ends with.
FIRST=

# found WHAT: WHERE; CURE
found() {
  FIRST=${FIRST:-$*}
  printf 'FOUND  %s\n' "$*"
}

# ready_nodes: how many of the nodes in the file are Ready.
ready_nodes() {
  awk -F '\t' '$2 == "True"' "$SCRATCH/nodes" | wc -l | tr -d ' '
}

# judge_entry ROLE JSON: what is wrong with an entry of a node's role.
judge_entry() {
  [[ $2 == *'"username":"system:node:{{EC2PrivateDNSName}}"'* || $2 == *'"username":"system:node:{{SessionName}}"'* ]] ||
    found "aws-auth gives $1 another name than a node's: $2; its username has to be system:node:{{EC2PrivateDNSName}}"
  [[ $2 == *'"system:bootstrappers"'* && $2 == *'"system:nodes"'* ]] ||
    found "aws-auth gives $1 not the groups of a node: $2; it needs system:bootstrappers and system:nodes"
}

# judge_aws_auth: whether the roles of the nodes are in the map, as nodes.
judge_aws_auth() {
  local role text entry
  if ! ask get --raw=/api/v1/namespaces/kube-system/configmaps/aws-auth; then
    if [[ $REASON == missing ]]; then
      found "there is no aws-auth: nobody has mapped $NODE_ROLE_ARNS, so kubelets get Unauthorized; run terraform apply, whose aws-auth step maps them, and they join without a restart"
    else
      found "aws-auth cannot be read: $SAID; see kubectl --namespace=kube-system get configmap aws-auth"
    fi
    return 0
  fi
  printf '%s' "$SAID" >"$SCRATCH/aws-auth.json"
  text=$(field mapRoles "$SCRATCH/aws-auth.json")
  if ! entries "${text%.}" rolearn >"$SCRATCH/roles"; then
    found "mapRoles of aws-auth is not a list of YAML, so it maps nobody: $(tail -n 1 "$SCRATCH/said"); mend it with kubectl --namespace=kube-system edit configmap aws-auth"
    return 0
  fi
  for role in $NODE_ROLE_ARNS; do
    entry=$(awk -F '\t' -v role="$role" 'tolower($1) == tolower(role) { print $2 }' "$SCRATCH/roles" | tail -n 1)
    if [[ -n $entry ]]; then
      judge_entry "$role" "$entry"
    else
      found "aws-auth does not map $role, so kubelets of its nodes get Unauthorized: it maps $(awk -F '\t' '{ printf "%s%s", sep, $1; sep = ", " }' "$SCRATCH/roles"); run terraform apply, whose aws-auth step maps it"
    fi
  done
  while IFS=$'\t' read -r role _; do
    case $role in
      *:instance-profile/*)
        found "aws-auth maps an instance profile: $role; name the role in it, arn:aws:iam::ACCOUNT:role/NAME, or its nodes never join"
        ;;
      *:role/*/*)
        found "aws-auth maps a role with its path: $role; leave the path out, arn:aws:iam::ACCOUNT:role/${role##*/}, since a node's identity has none"
        ;;
    esac
  done <"$SCRATCH/roles"
}

# diagnose: every reason that the cluster itself knows of.
diagnose() {
  local name reason
  if [[ $(wc -l <"$SCRATCH/nodes") -lt $EXPECTED_NODES ]]; then
    [[ ${AUTHENTICATION_MODE:-} == API || -z $NODE_ROLE_ARNS ]] || judge_aws_auth
    [[ -n $FIRST ]] ||
      found "the cluster admits the nodes' roles${NODE_ROLE_ARNS:+, $NODE_ROLE_ARNS}: so either their instances do not run, have another role, or do not reach $CLUSTER_ENDPOINT; see the activity of the groups ${GROUP_NAMES:-of the cluster}, and on an instance scripts/verify/eks-node.sh or journalctl -u kubelet"
  fi
  while IFS=$'\t' read -r name _ reason; do
    case $reason in
      *"cni plugin not initialized"* | *NetworkPluginNotReady*)
        found "$name has no pod network: $reason; see that the add-on vpc-cni is ACTIVE, kubectl --namespace=kube-system get pods --selector=k8s-app=aws-node, and on the node scripts/verify/eks-node.sh"
        ;;
      *) found "$name is not Ready: ${reason:-its kubelet has gone silent}; see journalctl -u kubelet there" ;;
    esac
  done < <(awk -F '\t' '$2 != "True"' "$SCRATCH/nodes")
}

main() {
  local ready told=''
  connect EXPECTED_NODES
  : >"$SCRATCH/nodes"
  # Fargate's nodes are pods of somebody's, and none of the groups'.
  while :; do
    ask_patiently get nodes '--selector=eks.amazonaws.com/compute-type!=fargate' --output='jsonpath={range .items[*]}{.metadata.name}{"\t"}{.status.conditions[?(@.type=="Ready")].status}{"\t"}{.status.conditions[?(@.type=="Ready")].message}{"\n"}{end}' || give_up
    printf '%s\n' "$SAID" | sed '/^$/d' >"$SCRATCH/nodes"
    ready=$(ready_nodes)
    [[ $ready == "$told" ]] || log "$ready of $EXPECTED_NODES nodes are Ready"
    told=$ready
    [[ $ready -lt $EXPECTED_NODES ]] || return 0
    [[ $SECONDS -lt $DEADLINE ]] || break
    sleep 2
  done
  diagnose
  die "$ready of $EXPECTED_NODES nodes are Ready after $TIMEOUT_SECONDS s, $(wc -l <"$SCRATCH/nodes" | tr -d ' ') have joined: $FIRST"
}

main
