# shellcheck shell=bash
# kubelet runs it anew for each credential, as itself: with the instance's role, through the machine's proxy. So a new version needs
# no restart. Not every build of it tells its version, so the checksum alone vouches for it.

binary ecr-credential-provider "$ECR_CREDENTIAL_PROVIDER_URL" "$ECR_CREDENTIAL_PROVIDER_SHA256" ""

# What it is asked for, kubelet reads when it starts. The stage worker starts it, where it does not run yet. Containers go on.
configuration=/etc/kubernetes/image-credential-provider.yaml
record=/var/lib/kubernetes-bootstrap/image-credentials.inputs
put 0644 "$configuration" <"$HERE/config/image-credential-provider.yaml"
if [[ "$(sum_of "$ROOT$configuration")" != "$(cat "$ROOT$record" 2>/dev/null)" ]]; then
  if systemctl is-active --quiet kubelet.service; then
    log "restart kubelet.service, for other registries"
    systemctl restart kubelet.service
    comes_up kubelet 90 curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null http://127.0.0.1:10248/healthz
  fi
  sum_of "$ROOT$configuration" | put 0600 "$record"
fi
