# shellcheck shell=bash
# Waits for the services, which come up beside each other, and for the API to call this node Ready. What the kubelet before this one
# has told stands there until this one tells, which it does when it starts: that does not count.

comes_up containerd 60 "$ROOT/usr/local/bin/ctr" --connect-timeout 3s version
# kubelet requires containerd: where that failed at first, systemd has given up the start of both, and tries containerd's alone anew.
if ! systemctl is-active --quiet kubelet.service; then
  systemctl start --no-block kubelet.service
fi
comes_up kubelet 90 curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null http://127.0.0.1:10248/healthz
comes_up kube-proxy 60 curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null http://127.0.0.1:10249/healthz

kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubelet/kubeconfig")
started=$(systemctl show --property=ExecMainStartTimestamp --timestamp=unix --value kubelet.service)
started=$(date --utc --date="$started" +%Y-%m-%dT%H:%M:%SZ)
# One kubectl hears of every change for ten seconds: a new one for each question would take the processor from what it asks about.
# Without the output of the stage, which would not end before it.
is_ready() {
  local told output ready=1
  exec {output}< <(exec "${kubectl[@]}" --request-timeout=10s get nodes --watch "--field-selector=metadata.name=$NODE_NAME" \
    --output='jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{"\n"}{end}' 3>&-)
  while [[ $ready -ne 0 ]] && read -r told <&"$output"; do
    [[ $told != "True "* || ${told#True } < $started ]] || ready=0
  done
  kill "$!" 2>/dev/null || true
  exec {output}<&-
  return "$ready"
}

if ! retry 120 is_ready; then
  conditions=$("${kubectl[@]}" --request-timeout=5s get node "$NODE_NAME" \
    --output='jsonpath={range .status.conditions[*]}{.type}={.status} at {.lastHeartbeatTime} ({.message}), {end}') ||
    conditions="it is not registered at https://$API_ADDRESS:6443: $(last_line "$LOG_FILE"), "
  die "node $NODE_NAME is not Ready after ${PATIENCE_SECONDS:-120} s: ${conditions}kubelet, started at $started, says: $(last_words kubelet.service); see journalctl -u kubelet"
fi
log "node $NODE_NAME is Ready"
