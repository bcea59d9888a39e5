#!/usr/bin/env bash
# Asks for the API server's health as the load balancer does: nginx, where this controller has one for that, or else the API
# server itself, without credentials. Run as root on a controller.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

ROOT=${ROOT:-}
host=kubernetes.default.svc.cluster.local
if [[ -r $ROOT/etc/nginx/sites-enabled/$host ]]; then
  whom=nginx
  url=http://127.0.0.1/healthz
  options=(--header "Host: $host")
  see="journalctl -u kube-apiserver and /var/log/nginx/error.log"
else
  whom=kube-apiserver
  url=https://127.0.0.1:6443/readyz
  options=(--http1.1 --cacert "$ROOT/var/lib/kubernetes/ca.pem")
  see="journalctl -u kube-apiserver"
  test -r "$ROOT/var/lib/kubernetes/ca.pem" || stop "no $ROOT/var/lib/kubernetes/ca.pem here; run this on a controller"
fi
said=$(curl --silent --show-error --include --noproxy '*' --max-time 10 "${options[@]}" "$url" 2>&1 | tr -d '\r') ||
  stop "$whom does not answer: $(tail -n 1 <<<"$said"); see journalctl -u $whom"
printf '%s\n' "$said"
status=$(head -n 1 <<<"$said")
if [[ $status == "HTTP/1.1 200 OK" && $(tail -n 1 <<<"$said") == ok ]]; then
  passed "$url leads to an API server that is well"
else
  failed "$url answers $status, expected HTTP/1.1 200 OK and ok; see $see"
fi
conclude
