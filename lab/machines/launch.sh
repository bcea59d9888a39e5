#!/usr/bin/env bash
# Starts one lab machine and stays its parent; ends when the machine is off (133: it wants to boot again).
# usage: launch.sh NAME FOLDER IMAGE CGROUP…
set -euo pipefail

readonly name=$1 folder=$2 image=$3
shift 3

for cgroup in "$@"; do
  echo $$ > "$cgroup/cgroup.procs"
done

# Seen by nobody else and gone with the last process: nothing is left to unmount, however the machine ends.
if [[ ${LAB_MOUNTS:-} != own ]]; then
  LAB_MOUNTS=own exec unshare --mount --propagation private -- "$0" "$name" "$folder" "$image"
fi

mount -t overlay overlay -o "lowerdir=$image,upperdir=$folder/disk,workdir=$folder/work" "$folder/root"
# What nspawn keeps about its machines is of no use to the host.
mkdir -p /run/systemd
mount -t tmpfs -o mode=0755 tmpfs /run/systemd

export SYSTEMD_SECCOMP=0 SYSTEMD_NSPAWN_LOCK=0 SYSTEMD_NSPAWN_USE_CGNS=1
# "network": with "1" a machine's sysctl settings would be written to the host's kernel.
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network

exec systemd-nspawn --quiet --register=no --keep-unit --directory="$folder/root" --machine="$name" \
  --network-namespace-path="/run/netns/$name" --capability=all --kill-signal=SIGRTMIN+4 \
  --resolv-conf=off --timezone=off --link-journal=no --console=read-only --bind=/dev/kmsg \
  --bind="$folder/data/containerd:/var/lib/containerd" --bind="$folder/data/kubelet:/var/lib/kubelet" \
  --bind="$folder/data/etcd:/var/lib/etcd" /usr/local/sbin/lab-init
