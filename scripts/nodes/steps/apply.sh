# shellcheck shell=bash
# kubelet says its labels and taints when it registers its node; afterwards it may not change its taints, and leaves its labels.
# So a change of a pool comes from here. What we gave stands in a ConfigMap: whatever else a node has is somebody else's.

kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$ROOT/var/lib/kubernetes/admin.kubeconfig" --request-timeout=10s)
retry 60 "${kubectl[@]}" get --raw=/readyz ||
  die "the API does not answer on $NODE_NAME: $(last_line "$LOG_FILE"); see journalctl -u kube-apiserver"

# A line for each node, as in NODES, with a comma at the end of each label and taint.
# shellcheck disable=SC2016 # $key and $value are the template's
template='{{range .items}}{{.metadata.name}};{{range $key, $value := .metadata.labels}}{{$key}}={{$value}},{{end}};'
template+='{{range .spec.taints}}{{.key}}{{if .value}}={{.value}}{{end}}:{{.effect}},{{end}}{{"\n"}}{{end}}'
has=$("${kubectl[@]}" get nodes --output="go-template=$template")
given=$("${kubectl[@]}" --namespace=kube-system get configmap kubernetes-bootstrap-nodes --ignore-not-found \
  --output='jsonpath={.data.nodes}')

# field NUMBER NODE TEXT: the labels (2) or the taints (3) of a node.
field() {
  tr ' ' '\n' <<<"$3" | awk -F ';' -v node="$2" -v number="$1" '$1 == node { print $number }'
}

# changes FIELD NODE WANTED: what makes of what the node has what it shall have, one word for kubectl in a line.
changes() {
  local now one key end
  now=,$(field "$1" "$2" "$has")
  for one in ${3//,/ }; do
    [[ $now == *",$one,"* ]] || printf '%s\n' "$one"
  done
  for one in $(field "$1" "$2" "$given" | tr ',' ' '); do
    # A label is its key, a taint its key and its effect.
    key=${one%%[=:]*}
    end=
    [[ $1 != 3 ]] || end=:${one##*:}
    [[ ,$3, =~ ,"$key"(=[^,:]*)?"$end", ]] || [[ ! $now =~ ,"$key"(=[^,:]*)?"$end", ]] || printf '%s%s-\n' "$key" "$end"
  done
}

# give label|taint NODE WORD…
give() {
  "${kubectl[@]}" "$1" node "$2" --overwrite "${@:3}"
  log "$1 node $2: ${*:3}"
}

for entry in $NODES; do
  IFS=';' read -r node labels taints <<<"$entry"
  [[ $has == "$node;"* || $has == *$'\n'"$node;"* ]] ||
    die "node $node is not registered: kubectl get nodes does not name it; run terraform apply again, which sets it up"
  mapfile -t words < <(changes 2 "$node" "$labels")
  [[ ${#words[@]} -eq 0 ]] || give label "$node" "${words[@]}"
  mapfile -t words < <(changes 3 "$node" "$taints")
  [[ ${#words[@]} -eq 0 ]] || give taint "$node" "${words[@]}"
done

if [[ $given != "$NODES" ]]; then
  cat >"$SCRATCH/nodes.yaml" <<END
# The labels and taints that nodes have from their pools, so that those that leave a pool can be taken away.
apiVersion: v1
kind: ConfigMap
metadata:
  name: kubernetes-bootstrap-nodes
  namespace: kube-system
data:
  nodes: "$NODES"
END
  "${kubectl[@]}" apply --filename="$SCRATCH/nodes.yaml"
fi
