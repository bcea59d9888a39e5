# shellcheck shell=bash
# Waits for both pods, or says what keeps them.

seconds=${PATIENCE_SECONDS:-180}
kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubernetes/admin.kubeconfig" --namespace=kube-system)
pod_states='{range .items[*]}{.metadata.name}{" is "}{.status.phase}{" "}{.status.containerStatuses[0].state.waiting.reason}{" "}'
pod_states+='{.status.containerStatuses[0].state.waiting.message}{" "}{.status.conditions[?(@.type=="PodScheduled")].message}{"; "}{end}'
if ! "${kubectl[@]}" rollout status deployment/coredns --timeout="${seconds}s"; then
  pods=$("${kubectl[@]}" get pods --selector=k8s-app=kube-dns --output="jsonpath=$pod_states" | tr -s ' ') || true
  words=$("${kubectl[@]}" logs deployment/coredns --tail=1) || true
  die "CoreDNS is not ready after $seconds s: ${pods:-no pods; }${words:+CoreDNS says: $words; }see kubectl -n kube-system describe pods -l k8s-app=kube-dns"
fi
log "CoreDNS answers at $CLUSTER_DNS for $CLUSTER_DOMAIN"
