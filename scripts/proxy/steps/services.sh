# shellcheck shell=bash
# containerd pulls images, kubelet asks for their credentials. Their units come with a later stage, and read this then.

for name in containerd kubelet; do
  put 0644 "/etc/systemd/system/$name.service.d/10-proxy.conf" <<'END'
[Service]
EnvironmentFile=/etc/kubernetes/proxy.env
END
done
# Another proxy, or another user of it: what runs has to be told, the collector of logs too. Containers go on.
record=/var/lib/kubernetes-bootstrap/proxy.inputs
if [[ "$(sum_of "$ROOT/etc/kubernetes/proxy.env")" != "$(cat "$ROOT$record" 2>/dev/null)" ]]; then
  systemctl daemon-reload
  for name in containerd kubelet otelcol; do
    if systemctl is-active --quiet "$name.service"; then
      log "restart $name.service, for its new proxy"
      systemctl restart "$name.service"
    fi
  done
  sum_of "$ROOT/etc/kubernetes/proxy.env" | put 0600 "$record"
fi
