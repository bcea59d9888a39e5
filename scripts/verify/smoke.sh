#!/usr/bin/env bash
# The smoke test of the guide: encryption of Secrets, a Deployment, port-forward, logs, exec, DNS, a NodePort. Run as root on a
# controller. Works in a namespace of its own, which is gone afterwards.
# Argument: an image of agnhost, or one whose "netexec --http-port=8080" does the same and which has nslookup.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

ROOT=${ROOT:-}
image=${1:-${SMOKE_IMAGE:-registry.k8s.io/e2e-test-images/agnhost:2.63.0}}
namespace=smoke-$$-$RANDOM
kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubernetes/admin.kubeconfig" "--namespace=$namespace")
scratch=$(mktemp -d)
forward=

clean_up() {
  local status=$?
  [[ -z $forward ]] || kill "$forward" 2>/dev/null || true
  "${kubectl[@]}" delete namespace "$namespace" --ignore-not-found --timeout=120s >/dev/null 2>&1 ||
    {
      failed "namespace $namespace is not gone after 120 s; see kubectl get namespace $namespace --output=yaml"
      status=1
    }
  rm -rf -- "$scratch"
  exit "$status"
}
trap clean_up EXIT

"${kubectl[@]}" create namespace "$namespace" >"$scratch/said" 2>&1 ||
  stop "cannot create a namespace: $(tail -n 1 "$scratch/said"); see journalctl -u kube-apiserver"

# 1. What lies in etcd is not what was written.
"${kubectl[@]}" create secret generic kubernetes-the-hard-way --from-literal=mykey=mydata >>"$scratch/said"
stored_secret() (
  set -a
  # shellcheck source=/dev/null
  . "$ROOT/etc/etcd/etcdctl.env"
  "$ROOT/usr/local/bin/etcdctl" get "/registry/secrets/$namespace/kubernetes-the-hard-way" --print-value-only
)
sealed=k8s:enc:aescbc:v1:key1:
stored_secret >"$scratch/stored" 2>"$scratch/problem" || true
prefix=$(head -c ${#sealed} "$scratch/stored" | tr -d '\0')
if [[ $prefix == "$sealed" ]] && ! grep -q mydata "$scratch/stored"; then
  passed "secret: etcd holds it as ${prefix}…"
else
  failed "secret: etcd holds \"$prefix\" $(tail -n 1 "$scratch/problem"); expected $sealed, check /var/lib/kubernetes/encryption-config.yaml"
fi

# 2. A Deployment comes up.
"${kubectl[@]}" apply --filename=- >>"$scratch/said" <<END
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: $image
          args: [netexec, --http-port=8080]
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet:
              path: /healthz
              port: 8080
            periodSeconds: 1
END
pod_states='{range .items[*]}{.metadata.name}{" is "}{.status.phase}{" "}{.status.containerStatuses[0].state.waiting.reason}{" "}'
pod_states+='{.status.containerStatuses[0].state.waiting.message}{" "}{.status.conditions[?(@.type=="PodScheduled")].message}{"; "}{end}'
if ! "${kubectl[@]}" rollout status deployment/web --timeout="${PATIENCE_SECONDS:-120}s" >>"$scratch/said" 2>&1; then
  stop "deployment: $("${kubectl[@]}" get pods --output="jsonpath=$pod_states" 2>&1 | tr -s ' ')see kubectl describe pod"
fi
pod=$("${kubectl[@]}" get pods --selector=app=web --output='jsonpath={.items[0].metadata.name}')
node=$("${kubectl[@]}" get pod "$pod" --output='jsonpath={.status.hostIP}')
passed "deployment: pod $pod runs on $node"

# 3. A port of the pod on this machine.
token=smoke$RANDOM$RANDOM
answers() {
  [[ $(curl --silent --fail --noproxy '*' --max-time 5 "$1/echo?msg=$token") == "$token" ]]
}
"${kubectl[@]}" port-forward --address=127.0.0.1 "pod/$pod" :8080 >"$scratch/forward" 2>&1 &
forward=$!
local_address() {
  sed -n 's/^Forwarding from \(127.0.0.1:[0-9]*\) .*/\1/p' "$scratch/forward" | grep .
}
if within 30 local_address && within 10 answers "http://$(local_address)"; then
  passed "port-forward: the pod answers at $(local_address)"
  request=$token
else
  # Nobody has asked the pod for anything, so any line of its log has to do.
  request=
  failed "port-forward: no answer: $(tail -n 1 "$scratch/forward"); is socat on $node, and port 10250 of the nodes open to the controllers?"
fi
kill "$forward" 2>/dev/null || true
wait "$forward" 2>/dev/null || true
forward=

# 4. What the pod wrote about that.
logged() {
  "${kubectl[@]}" logs "$pod" | grep -F -- "$request"
}
if within 10 logged; then
  passed "logs: the pod's log has arrived${request:+, with our request in it}"
else
  failed "logs: our request is not in them: $("${kubectl[@]}" logs "$pod" --tail=1 2>&1); see the ClusterRole system:kube-apiserver-to-kubelet"
fi

# 5. A command in the pod.
name=$("${kubectl[@]}" exec "$pod" -- cat /etc/hostname 2>"$scratch/problem") || true
if [[ $name == "$pod" ]]; then
  passed "exec: a command in the pod says that it is $name"
else
  failed "exec: expected the pod's name, got \"$name\" $(tail -n 1 "$scratch/problem"); see the ClusterRole system:kube-apiserver-to-kubelet"
fi

# 6. Names. Whole ones, since busybox searches for those without a dot alone, and the pod's namespace is not the API's.
name=kubernetes.default.svc.cluster.local
api=$("${kubectl[@]}" get service --namespace=default kubernetes --output='jsonpath={.spec.clusterIP}')
dns=$("${kubectl[@]}" get service --namespace=kube-system kube-dns --output='jsonpath={.spec.clusterIP}')
# Some versions also ask for addresses that a Service lacks, and fail for those.
looked_up=$("${kubectl[@]}" exec "$pod" -- nslookup "$name" 2>&1) || true
if grep -qE "^Server:[[:space:]]+$dns\$" <<<"$looked_up" && grep -qE "^Address[ 1]*:[[:space:]]+$api( |\$)" <<<"$looked_up"; then
  passed "dns: the pod finds $name at $api, asking $dns"
else
  failed "dns: expected $name at $api from $dns, got $(paste -sd ' ' <<<"$looked_up"); see kubectl -n kube-system logs deployment/coredns"
fi

# 7. A port of the node.
"${kubectl[@]}" expose deployment web --port=8080 --type=NodePort >>"$scratch/said"
port=$("${kubectl[@]}" get service web --output='jsonpath={.spec.ports[0].nodePort}')
if within 30 answers "http://$node:$port"; then
  passed "NodePort: the Service answers at $node:$port"
else
  failed "NodePort: no answer at $node:$port within ${PATIENCE_SECONDS:-30} s; see journalctl -u kube-proxy there, and that the port is open to this machine"
fi
conclude
