# shellcheck shell=bash
# For a load balancer that asks for health over HTTP: nginx passes port 80's /healthz on to the API server of this machine.

site=/etc/nginx/sites-available/kubernetes.default.svc.cluster.local
enabled=/etc/nginx/sites-enabled/kubernetes.default.svc.cluster.local
if [[ -z $HEALTH_PROXY ]]; then
  if [[ -e $ROOT$site ]]; then
    log "stop nginx, which nobody asks any more"
    systemctl disable --quiet --now nginx.service
    discard "$enabled"
    discard /var/lib/kubernetes-bootstrap/nginx.inputs
    discard "$site"
  fi
else
  packages "$PACKAGE_MIRROR" nginx
  put 0644 "$site" <"$HERE/config/health-proxy.conf"
  # Debian's own site takes every name at port 80 too.
  discard /etc/nginx/sites-enabled/default
  if [[ $(readlink "$ROOT$enabled") != "$site" ]]; then
    mkdir -p "$(dirname "$ROOT$enabled")"
    ln -sfn "$site" "$ROOT$enabled"
    log "wrote $enabled"
  fi
  said=$(nginx -t 2>&1) || die "nginx does not accept its configuration: $site: $(grep -m 1 emerg <<<"$said"); see nginx -t"
  keep_running nginx "$site" /var/lib/kubernetes/ca.pem
  comes_up nginx 60 curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null \
    --header 'Host: kubernetes.default.svc.cluster.local' http://127.0.0.1/healthz
fi
