# shellcheck shell=bash
# The manifests, once for the cluster.

kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubernetes/admin.kubeconfig")
retry 60 "${kubectl[@]}" --request-timeout=5s get --raw=/readyz ||
  die "the API does not answer on $NODE_NAME: $(last_line "$LOG_FILE"); see journalctl -u kube-apiserver"
for manifest in "$HERE"/manifests/*.yaml; do
  said=$("${kubectl[@]}" apply --filename="$manifest")
  while read -r line; do
    log "$line"
  done <<<"$said"
done
