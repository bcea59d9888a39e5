#!/usr/bin/env bash
# Says why this node of EKS has not joined, or why its pods get no address, as its own logs have it. Run as root on the node.
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

ROOT=${ROOT:-}
CNI_LOG=$ROOT/var/log/aws-routed-eni/ipamd.log
SCRATCH=$(mktemp -d)
trap 'rm -rf -- "$SCRATCH"' EXIT

# ask PATH: the instance's metadata, by version 2 of its service; nothing where there is none.
ask() {
  local base=${METADATA:-http://169.254.169.254}/latest token
  token=$(curl --silent --fail --noproxy '*' --max-time 3 --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$base/api/token") || return 0
  curl --silent --fail --noproxy '*' --max-time 3 --header "X-aws-ec2-metadata-token: $token" "$base/meta-data/$1" || true
}

# last FILE PATTERN: the number and the text of the last line that matches, or 0.
last() {
  grep -nE "$2" "$1" | tail -n 1 || true
}
number() {
  printf '%s' "${1%%:*}"
}

# Where a kubelet that has joined logs nothing of before, its last boot is what counts.
journalctl --unit=kubelet --boot --no-pager --output=cat --lines=20000 >"$SCRATCH/kubelet" 2>"$SCRATCH/said" ||
  stop "the log of kubelet cannot be read: $(tail -n 1 "$SCRATCH/said"); run this as root on the node"
tail -n 5 "$SCRATCH/kubelet"
grep -q . "$SCRATCH/kubelet" ||
  stop "kubelet has never run: its log is empty; the user data of this instance does not start it, see journalctl --unit=nodeadm-config --unit=nodeadm-run --unit=cloud-final"

joined=$(last "$SCRATCH/kubelet" 'Successfully registered node')
joined_at=$(number "$joined")

# trouble PATTERN: the last line that says so, unless the node has joined since.
trouble() {
  local line
  line=$(last "$SCRATCH/kubelet" "$1")
  [[ -n $line && $(number "$line") -gt ${joined_at:-0} ]] && printf '%s' "${line#*:}"
}

role=$(ask iam/security-credentials/)
known=${role:+its role is $role, }
if said=$(trouble 'flag provided but not defined|unknown flag|unknown shorthand flag|failed to parse kubelet flag|invalid argument .* for'); then
  failed "kubelet does not know a flag that it is given: $said; take it out of the user data of the launch template, flags go with versions"
elif said=$(trouble '[Uu]nauthorized|must be logged in to the server'); then
  failed "kubelet is not let in (Unauthorized): $known""and aws-auth has no entry for it: $said; apply the aws-auth step, terraform apply, or for access entries give the role one of type EC2_LINUX; see kubectl --namespace=kube-system get configmap aws-auth"
elif said=$(trouble 'is forbidden: User|[Ff]orbidden'); then
  failed "kubelet is let in, but not as a node (Forbidden): $said; its entry in aws-auth needs username system:node:{{EC2PrivateDNSName}} and the groups system:bootstrappers and system:nodes"
elif said=$(trouble 'getting credentials: exec|executable .* (not found|failed)|NoCredentialProviders|could not get token|Unable to locate credentials'); then
  failed "kubelet has no token to show: ${known:-the instance has no role, }$said; give the launch template the instance profile of the nodes' role"
elif said=$(trouble 'x509: |certificate signed by unknown authority|certificate is (not )?valid'); then
  failed "kubelet does not trust the API server: $said; the certificate authority in the user data is another cluster's, see aws eks describe-cluster"
elif said=$(trouble 'no such host|i/o timeout|connection refused|no route to host|Client.Timeout exceeded|context deadline exceeded'); then
  failed "kubelet does not reach the API server: $said; check that the endpoint is open to this subnet (private access, or public access and a way out), and port 443 of the control plane's security group to the nodes'"
elif [[ -n $joined ]]; then
  passed "kubelet has joined: ${joined#*:}"
else
  failed "kubelet has not joined: $(grep -E '^E[0-9]{4}|[Ee]rror' "$SCRATCH/kubelet" | tail -n 1); see journalctl --unit=kubelet"
fi

# Only since it joined: before, everybody lacks a pod network.
if said=$(trouble 'cni plugin not initialized|NetworkPluginNotReady'); then
  failed "the node has no pod network: $said; see that the add-on vpc-cni is ACTIVE and its pod aws-node runs here"
fi

if [[ -r $CNI_LOG ]]; then
  said=$(grep -E 'unknown instance type|instance type .* is not supported|no instance type limits' "$CNI_LOG" | tail -n 1) &&
    failed "the CNI does not know this instance type, so no pod gets an address: $said; take a newer version of the add-on vpc-cni, or an older type ($(ask instance-type))"
  said=$(grep -E 'InsufficientFreeAddressesInSubnet|InsufficientCidrBlocks|no free (ip|IP) addresses|not enough free addresses' "$CNI_LOG" | tail -n 1) &&
    failed "the subnet has no free address: $said; take larger subnets, or nodes in others; scripts/verify/eks-addresses.sh counts what is free and what leaked"
  said=$(grep -E 'UnauthorizedOperation|AccessDenied|not authorized to perform' "$CNI_LOG" | tail -n 1) &&
    failed "the CNI may not ask for addresses: $said; its role needs the policy AmazonEKS_CNI_Policy"
  # "IP pool stats: total = 15, used = 9, …": all in use, and no interface can be added.
  stats=$(grep -iE 'pool stats: *total *[=:] *[0-9]+, *(used|assigned)[a-zA-Z ]*[=:] *[0-9]+' "$CNI_LOG" | tail -n 1)
  read -r total used < <(sed -E 's/.*[Tt]otal *[=:] *([0-9]+), *[a-zA-Z ]*[=:] *([0-9]+).*/\1 \2/' <<<"$stats")
  if [[ -n ${used:-} && $used -ge $total ]] && grep -qE 'max ENI already attached|reached the (max|maximum) (number of )?ENI|AttachmentLimitExceeded' "$CNI_LOG"; then
    failed "the instance type has no more addresses for pods: $used of $total are in use and all interfaces attached; lower max pods to what the type has, take a larger type, or turn prefix delegation on"
  elif [[ -n ${total:-} ]]; then
    passed "the CNI has addresses: $used of $total in use"
  fi
fi
conclude
