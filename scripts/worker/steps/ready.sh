# shellcheck shell=bash
# Asks the API, with kubelet's own kubeconfig, until it calls this node Ready.

kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubelet/kubeconfig" --request-timeout=5s)
is_ready() {
  [[ $("${kubectl[@]}" get node "$NODE_NAME" --output='jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True ]]
}

if ! retry 120 is_ready; then
  conditions=$("${kubectl[@]}" get node "$NODE_NAME" \
    --output='jsonpath={range .status.conditions[*]}{.type}={.status} ({.message}), {end}') ||
    conditions="it is not registered at https://$API_ADDRESS:6443: $(last_line "$LOG_FILE"), "
  die "node $NODE_NAME is not Ready after ${PATIENCE_SECONDS:-120} s: ${conditions}kubelet says: $(last_words kubelet.service); see journalctl -u kubelet"
fi
log "node $NODE_NAME is Ready"
