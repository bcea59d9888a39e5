# shellcheck shell=bash
# Asks the API, with kubelet's own kubeconfig, until it calls this node Ready. What the kubelet before this one has told stands
# there until this one tells, which it does when it starts: that does not count.

kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubelet/kubeconfig" --request-timeout=5s)
started=$(systemctl show --property=ExecMainStartTimestamp --timestamp=unix --value kubelet.service)
started=$(date --utc --date="$started" +%Y-%m-%dT%H:%M:%SZ)
is_ready() {
  local told
  told=$("${kubectl[@]}" get node "$NODE_NAME" \
    --output='jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}')
  [[ $told == "True "* && ! ${told#True } < $started ]]
}

if ! retry 120 is_ready; then
  conditions=$("${kubectl[@]}" get node "$NODE_NAME" \
    --output='jsonpath={range .status.conditions[*]}{.type}={.status} at {.lastHeartbeatTime} ({.message}), {end}') ||
    conditions="it is not registered at https://$API_ADDRESS:6443: $(last_line "$LOG_FILE"), "
  die "node $NODE_NAME is not Ready after ${PATIENCE_SECONDS:-120} s: ${conditions}kubelet, started at $started, says: $(last_words kubelet.service); see journalctl -u kubelet"
fi
log "node $NODE_NAME is Ready"
