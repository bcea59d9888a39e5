#!/usr/bin/env bash
# Says why pods of EKS get no addresses, as far as AWS knows it: full subnets, interfaces left over, full instances.
# Needs the AWS CLI and read access to EC2. Arguments: the cluster's name, and the least number of addresses to be free (default 10).
# shellcheck source-path=SCRIPTDIR source=report.sh
. "$(dirname "$0")/report.sh"

cluster=${1:-}
least=${2:-10}
[[ -n $cluster ]] || stop "no cluster is named: run $0 CLUSTER [LEAST]; aws eks list-clusters names them"

# ask ARGUMENT…: a table in ANSWER, a row in a line.
ask() {
  ANSWER=$(aws "$@" --output text 2>&1) || stop "AWS does not answer: $(grep . <<<"$ANSWER" | tail -n 1); check credentials and region"
  [[ $ANSWER != None ]] || ANSWER=
}

ask eks describe-cluster --name "$cluster" --query 'cluster.resourcesVpcConfig.vpcId'
vpc=$ANSWER
ask ec2 describe-instances --filters "Name=tag:kubernetes.io/cluster/$cluster,Values=owned" Name=instance-state-name,Values=running \
  --query 'Reservations[].Instances[].[InstanceId,InstanceType,SubnetId,length(NetworkInterfaces),length(NetworkInterfaces[].PrivateIpAddresses[])]'
nodes=$ANSWER
[[ -n $nodes ]] || failed "no node runs: no running instance has the tag kubernetes.io/cluster/$cluster=owned; see the activity of its Auto Scaling groups"

# Subnets that nodes are in.
ask ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" --query 'Subnets[].[SubnetId,AvailableIpAddressCount]'
while read -r subnet free; do
  awk '{ print $3 }' <<<"$nodes" | grep -qx "$subnet" || continue
  if [[ $free -lt $least ]]; then
    failed "subnet $subnet has $free free addresses: fewer than $least, so the CNI cannot take more for pods there; take larger subnets, or a second block for pods"
  else
    passed "subnet $subnet has $free free addresses"
  fi
done <<<"$ANSWER"

# The CNI names its interfaces; one that no instance has keeps its addresses for nobody.
ask ec2 describe-network-interfaces --filters "Name=vpc-id,Values=$vpc" Name=status,Values=available 'Name=description,Values=aws-K8S-*' \
  --query 'NetworkInterfaces[].[NetworkInterfaceId,SubnetId,length(PrivateIpAddresses)]'
[[ -n $ANSWER ]] || passed "no interface of the CNI is left over"
while read -r interface subnet addresses; do
  [[ -z $interface ]] ||
    failed "interface $interface in $subnet is left over with $addresses addresses: no instance has it; aws ec2 delete-network-interface --network-interface-id $interface"
done <<<"$ANSWER"

while read -r instance type _ interfaces addresses; do
  [[ -n $instance ]] || continue
  ask ec2 describe-instance-types --instance-types "$type" \
    --query 'InstanceTypes[].[NetworkInfo.MaximumNetworkInterfaces,NetworkInfo.Ipv4AddressesPerInterface]'
  read -r most each <<<"$ANSWER"
  # The first address of an interface is the node's own, and no pod's.
  if [[ $interfaces -ge $most && $addresses -ge $((most * each)) ]]; then
    failed "instance $instance is full: a $type has $most interfaces with $each addresses, and all are taken, so it has $((most * (each - 1))) pods at most; lower max pods, take a larger type, or turn prefix delegation on"
  else
    passed "instance $instance ($type) has $interfaces of $most interfaces and $addresses of $((most * each)) addresses"
  fi
done <<<"$nodes"
conclude
