#!/usr/bin/env bash
# Starts the kubelet of a node of Amazon Linux 2, from what its metadata says. cloud-init runs it once; safe to run again.
set -euo pipefail

metadata=${METADATA:-http://169.254.169.254}/latest
folder=${ROOT:-}/etc/eksctl

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

token=$(curl --fail --silent --show-error --retry 10 --retry-connrefused --request PUT \
  --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/api/token") ||
  die "$metadata/api/token: the metadata service gives no token; the launch template has to enable it"

# ask NAME
ask() {
  curl --fail --silent --show-error --retry 10 --header "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/$1" ||
    die "$metadata/meta-data/$1: the metadata service does not say it"
}

instance_type=$(ask instance-type)
# kubelet.env may set the number of pods for every type.
pods=$(sed -n 's/^MAX_PODS=//p' "$folder/kubelet.env")
pods=${pods:-$(awk -v type="$instance_type" '$1 == type { print $2 }' "$folder/max_pods.map")}
[[ $pods =~ ^[1-9][0-9]*$ ]] ||
  die "$folder/max_pods.map does not know $instance_type: set maxPods of the group, or give it instance types that are in its list"

node_ip=$(ask local-ipv4)
instance_id=$(ask instance-id)
node_name=$(ask local-hostname)
umask 022
cat >"$folder/kubelet.local.env" <<END
NODE_IP=$node_ip
NODE_NAME=${node_name%% *}
INSTANCE_ID=$instance_id
INSTANCE_TYPE=$instance_type
MAX_PODS=$pods
END

# The image has a template for containerd, which lacks the pause image's name.
template=${ROOT:-}/etc/eks/containerd/containerd-config.toml
if [[ -f $template ]]; then
  mkdir -p "${ROOT:-}/etc/containerd"
  sed 's|SANDBOX_IMAGE|registry.k8s.io/pause:3.10|' "$template" >"${ROOT:-}/etc/containerd/config.toml"
  systemctl restart containerd
fi
systemctl daemon-reload
systemctl enable kubelet
systemctl restart kubelet
