#!/usr/bin/env bash
# Asks the API as a person does, from a computer of theirs: at the address in the kubeconfig, with its certificates.
# Needs kubectl and curl. The kubeconfig is kubectl's own: KUBECONFIG, or ~/.kube/config.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

kubectl=(kubectl --request-timeout=10s)
authority=$(mktemp)
trap 'rm -f -- "$authority"' EXIT

server=$("${kubectl[@]}" config view --minify --output='jsonpath={.clusters[0].cluster.server}' 2>&1) ||
  stop "no cluster in the kubeconfig: $server; set KUBECONFIG to the file that terraform output -raw kubeconfig gives"
# Its colours are for terminals.
said=$("${kubectl[@]}" cluster-info 2>&1 | tr -d '\033' | sed 's/\[[0-9;]*m//g') ||
  stop "no answer at $server: $(tail -n 1 <<<"$said"); check that the kubeconfig is this cluster's, and that admin_cidrs has this computer's address"
printf '%s\n' "$said"
if grep -qxF "Kubernetes control plane is running at $server" <<<"$said"; then
  passed "the control plane is running at $server"
else
  failed "cluster-info does not tell of a control plane at $server; see kubectl cluster-info dump"
fi

# Strangers may ask for health alone, and see by the certificate whom they ask.
"${kubectl[@]}" config view --minify --raw --output='jsonpath={.clusters[0].cluster.certificate-authority-data}' |
  base64 -d >"$authority"
if said=$(curl --silent --show-error --noproxy '*' --max-time 10 --cacert "$authority" "$server/readyz" 2>&1) && [[ $said == ok ]]; then
  passed "the API is ready, and its certificate is good for this address"
else
  failed "the API is not ready: $said; see $server/readyz?verbose"
fi

version=$("${kubectl[@]}" get --raw=/version)
grep '"gitVersion"' <<<"$version"
passed "the API tells its version to whoever has a certificate"

"${kubectl[@]}" get nodes
namespaces=$("${kubectl[@]}" get namespaces)
printf '%s\n' "$namespaces"
for name in default kube-node-lease kube-public kube-system; do
  if grep -qE "^$name +Active " <<<"$namespaces"; then
    passed "namespace $name is Active"
  else
    failed "namespace $name is not Active: see kubectl get namespace $name --output=yaml"
  fi
done
conclude
