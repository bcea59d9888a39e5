#!/usr/bin/env bash
# Asks nginx on this controller for the API server's health, as the load balancer does. Run on a controller.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

ROOT=${ROOT:-}
host=kubernetes.default.svc.cluster.local
test -r "$ROOT/etc/nginx/sites-enabled/$host" ||
  stop "no $ROOT/etc/nginx/sites-enabled/$host here; run this on a controller of a cluster with healthCheck nginx"
said=$(curl --silent --show-error --include --noproxy '*' --max-time 10 --header "Host: $host" \
  http://127.0.0.1/healthz 2>&1 | tr -d '\r') || stop "nginx does not answer: $(tail -n 1 <<<"$said"); see journalctl -u nginx"
printf '%s\n' "$said"
status=$(head -n 1 <<<"$said")
if [[ $status == "HTTP/1.1 200 OK" && $(tail -n 1 <<<"$said") == ok ]]; then
  passed "http://127.0.0.1/healthz leads to an API server that is well"
else
  failed "http://127.0.0.1/healthz answers $status, expected HTTP/1.1 200 OK and ok; see journalctl -u kube-apiserver and /var/log/nginx/error.log"
fi
conclude
