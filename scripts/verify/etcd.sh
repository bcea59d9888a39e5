#!/usr/bin/env bash
# Asks this controller's etcd for its members, and each member whether it is well. Run as root on a controller.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

ROOT=${ROOT:-}
test -r "$ROOT/etc/etcd/etcdctl.env" || stop "no $ROOT/etc/etcd/etcdctl.env here; run this on a controller"
set -a
# shellcheck source=/dev/null
. "$ROOT/etc/etcd/etcdctl.env"
# shellcheck source=/dev/null
. "$ROOT/etc/kubernetes/etcd.env"
set +a
etcdctl=$ROOT/usr/local/bin/etcdctl

members=$("$etcdctl" member list 2>&1) ||
  stop "this member does not answer: $(tail -n 1 <<<"$members"); see journalctl -u etcd"
printf '%s\n' "$members"

IFS=, read -ra expected <<<"$ETCD_INITIAL_CLUSTER"
for pair in "${expected[@]}"; do
  name=${pair%%=*}
  peer=${pair#*=}
  line=$(grep -F ", $name, " <<<"$members") || {
    failed "$name is no member: $peer; see journalctl -u etcd there"
    continue
  }
  IFS=', ' read -r id status _ peers _ learner <<<"$line"
  if [[ $status == started && $peers == "$peer" && $learner == false ]]; then
    passed "$name is a started member at $peer"
  else
    failed "$name is $status at $peers, learner $learner; expected started at $peer, learner false"
  fi
  # Members of the first hour get their number from their address and the token; one that was added later, from the time too.
  first=$(printf '%s' "$peer$ETCD_CLUSTER_TOKEN" | sha1sum | cut -c 1-16 | sed 's/^0*//')
  [[ $id == "$first" ]] || printf '        %s has the number %s and not %s, so it was added later\n' "$name" "$id" "$first"
done
if [[ $(wc -l <<<"$members") -ne ${#expected[@]} ]]; then
  failed "$(wc -l <<<"$members") members: expected ${#expected[@]}, $ETCD_INITIAL_CLUSTER"
fi

while IFS=', ' read -r _ _ name _ client _; do
  # etcdctl refuses an endpoint by flag beside one in its environment.
  if said=$(ETCDCTL_ENDPOINTS=$client "$etcdctl" endpoint health 2>&1); then
    passed "$name answers at $client"
  else
    failed "$name does not answer at $client: $(tail -n 1 <<<"$said"); see journalctl -u etcd there"
  fi
done <<<"$members"
conclude
