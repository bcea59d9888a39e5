#!/usr/bin/env bash
# Waits for nodes to be Ready in a version that the control plane serves, and shows what runs. Run as root on a controller.
# Arguments: the names of the nodes; without them, every node there is. VERSION, such as v1.36.3, is the one that all of them have to
# have, exactly; without it, the API server's, or an older one that it serves.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

ROOT=${ROOT:-}
kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubernetes/admin.kubeconfig" --request-timeout=10s)

ready=$("${kubectl[@]}" get --raw=/readyz 2>&1) ||
  stop "the API on this controller is not ready: $(tail -n 1 <<<"$ready"); see journalctl -u kube-apiserver"
passed "the API on this controller is ready"
said=$("${kubectl[@]}" version --output=json 2>&1) || true
version=$(sed -n '/serverVersion/,$ s/.*"gitVersion": "\([^"]*\)".*/\1/p' <<<"$said")
[[ -n $version ]] || stop "the API does not tell its version: $(tail -n 1 <<<"$said"); see journalctl -u kube-apiserver"
wanted=${VERSION:-}

names=("$@")
if [[ ${#names[@]} -eq 0 ]]; then
  mapfile -t names < <("${kubectl[@]}" get nodes --output='jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}')
  if [[ ${#names[@]} -eq 0 ]]; then
    failed "no node has registered: kubelets do not reach the API; check on a worker: journalctl -u kubelet, and that port 6443 of the load balancer is open to the nodes"
  fi
fi

field() {
  "${kubectl[@]}" get node "$1" --output="jsonpath=$2" 2>/dev/null
}
is_ready() {
  [[ $(field "$1" '{.status.conditions[?(@.type=="Ready")].status}') == True ]]
}

# As Kubernetes has it: a kubelet is never of a newer minor version than the API server, and at most three older.
is_served() {
  local own=${version#v1.} its=${1#v1.}
  ((${own%%.*} >= ${its%%.*} && ${own%%.*} - ${its%%.*} <= 3))
}

# One bound for all of them together.
deadline=$((SECONDS + ${PATIENCE_SECONDS:-120}))
for name in "${names[@]}"; do
  if PATIENCE_SECONDS=$((deadline > SECONDS ? deadline - SECONDS : 0)) within 0 is_ready "$name"; then
    node_version=$(field "$name" '{.status.nodeInfo.kubeletVersion}')
    if [[ -n $wanted && ${node_version#v} != "${wanted#v}" ]]; then
      failed "$name runs kubelet $node_version: v${wanted#v} is wanted; set its kubernetesVersion and apply, and see journalctl -u kubelet there"
    elif [[ $node_version == "$version" ]]; then
      passed "$name is Ready, version $node_version"
    elif [[ $node_version == v1.* ]] && is_served "$node_version"; then
      passed "$name is Ready, version $node_version; the API server is $version"
    else
      failed "$name runs kubelet $node_version: the API server is $version, which serves none that is newer, or more than three minor versions older; set the worker's kubernetesVersion"
    fi
  elif field "$name" '{.metadata.name}' >/dev/null; then
    failed "$name is not Ready: $(field "$name" '{.status.conditions[?(@.type=="Ready")].message}'); see journalctl -u kubelet there"
  else
    failed "$name has not registered: its kubelet does not reach the API; see journalctl -u kubelet there, and that port 6443 of the load balancer is open to it"
  fi
done

"${kubectl[@]}" get nodes --output=wide || true
"${kubectl[@]}" get pods --all-namespaces --output=wide || true
"${kubectl[@]}" get services --all-namespaces || true
conclude
