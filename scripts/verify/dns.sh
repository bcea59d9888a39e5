#!/usr/bin/env bash
# Asks the cluster's DNS from this machine: a worker asks the Service, a controller, which has no Services, a CoreDNS pod. Prints
# the addresses as dig +short does, then what they should be.
# Arguments: names outside of the cluster that must resolve too. Run as root.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

ROOT=${ROOT:-}
kubeconfig=$ROOT/var/lib/kubelet/kubeconfig
[[ -r $kubeconfig ]] || kubeconfig=$ROOT/var/lib/kubernetes/admin.kubeconfig
kubectl=("$ROOT/usr/local/bin/kubectl" "--kubeconfig=$kubeconfig" --request-timeout=10s)
service_address() {
  "${kubectl[@]}" get service --namespace="$1" "$2" --output='jsonpath={.spec.clusterIP}'
}

api=$(service_address default kubernetes)
dns=$(service_address kube-system kube-dns)
if [[ -r $ROOT/etc/kubernetes/worker.env ]]; then
  # shellcheck source=/dev/null
  . "$ROOT/etc/kubernetes/worker.env"
  domain=$CLUSTER_DOMAIN
  server=$CLUSTER_DNS
else
  domain=$("${kubectl[@]}" get configmap --namespace=kube-system coredns --output='jsonpath={.data.Corefile}' |
    awk '$1 == "kubernetes" { print $2 }')
  server=$("${kubectl[@]}" get endpointslices --namespace=kube-system --selector=kubernetes.io/service-name=kube-dns \
    --output='jsonpath={.items[*].endpoints[*].addresses[0]}' | cut -d ' ' -f 1)
  test -n "$server" || stop "no CoreDNS pod is ready; see kubectl -n kube-system get pods -l k8s-app=kube-dns"
fi
printf 'asking %s\n' "$server"

# Machine images carry python3, for cloud-init, but not dig. Prints the A records of a name, one per line.
ask() {
  python3 - "$server" "$1" "${2:-udp}" <<'END'
import random, socket, struct, sys

server, name, transport = sys.argv[1:]
number = random.randrange(65536)
question = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".")) + b"\0"
query = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + question + struct.pack("!2H", 1, 1)


def exchange():
    if transport == "udp":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.settimeout(5)
            connection.connect((server, 53))
            connection.send(query)
            return connection.recv(4096)
    with socket.create_connection((server, 53), timeout=5) as connection:
        connection.sendall(struct.pack("!H", len(query)) + query)
        stream = connection.makefile("rb")
        return stream.read(struct.unpack("!H", stream.read(2))[0])


def skip_name(message, at):
    while message[at]:
        if message[at] >= 0xC0:
            return at + 2
        at += message[at] + 1
    return at + 1


try:
    answer = exchange()
except OSError as problem:
    sys.exit(f"no answer over {transport}: {problem}")
got, flags, _, answers = struct.unpack("!4H", answer[:8])
if got != number or flags & 15:
    sys.exit("no such name" if flags & 15 == 3 else f"the answer has code {flags & 15}")
at = skip_name(answer, 12) + 4
addresses = []
for _ in range(answers):
    at = skip_name(answer, at)
    kind, _, _, length = struct.unpack("!2HIH", answer[at : at + 10])
    at += 10
    if kind == 1:
        addresses.append(socket.inet_ntoa(answer[at : at + length]))
    at += length
if not addresses:
    sys.exit("the name has no address")
print("\n".join(addresses))
END
}

names=("$@" "kubernetes.default.svc.$domain" "kube-dns.kube-system.svc.$domain")
declare -A answers
for name in "${names[@]}"; do
  if answers[$name]=$(ask "$name" 2>&1); then
    printf '%s\n' "${answers[$name]}"
  else
    answers[$name]="error: ${answers[$name]}"
  fi
done

# holds NAME EXPECTED ANSWER TRANSPORT: without an expected address, any will do.
holds() {
  local name=$1 expected=$2 got=$3 transport=$4
  if [[ $got == "error: "* ]]; then
    failed "$name over $transport: ${got#error: }; asked $server, see kubectl -n kube-system logs deployment/coredns and that port 53 is open between nodes and pods"
  elif [[ -n $expected && $got != "$expected" ]]; then
    failed "$name over $transport: expected $expected, got $(paste -sd ' ' <<<"$got")"
  else
    passed "$name is $(paste -sd ' ' <<<"$got"), over $transport"
  fi
}

for name in "$@"; do
  holds "$name" "" "${answers[$name]}" udp
done
holds "kubernetes.default.svc.$domain" "$api" "${answers[kubernetes.default.svc.$domain]}" udp
holds "kube-dns.kube-system.svc.$domain" "$dns" "${answers[kube-dns.kube-system.svc.$domain]}" udp
name=kubernetes.default.svc.$domain
by_tcp=$(ask "$name" tcp 2>&1) || by_tcp="error: $by_tcp"
holds "$name" "$api" "$by_tcp" tcp
conclude
