# shellcheck shell=bash
# A proxy that opens TLS shows certificates of an authority of its own.

authority=/usr/local/share/ca-certificates/kubernetes-proxy.crt
if [[ -n $PROXY_CA ]]; then
  take 0644 proxy-ca.pem "$authority"
else
  discard "$authority"
fi
# Written when it is done and not before, so that a run that was cut off does it the next time.
record=/var/lib/kubernetes-bootstrap/proxy-ca.inputs
if [[ "$(sum_of "$ROOT$authority")" != "$(cat "$ROOT$record" 2>/dev/null)" ]]; then
  log "renew the machine's authorities"
  update-ca-certificates || die "the proxy's authority is not accepted: $authority: $(last_line "$LOG_FILE"); check proxy.caBundle"
  sum_of "$ROOT$authority" | put 0600 "$record"
fi
