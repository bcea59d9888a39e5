#!/usr/bin/env bash
# Makes the machine image: Debian 12 as its publisher's cloud image, as far as a container can be one.
# usage: image.sh FOLDER    (FOLDER appears whole or not at all)
set -euo pipefail

readonly image=$1
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly HERE
readonly work="$image.new-$$"

# What Debian's cloud image has. Not socat, conntrack or ipset: scripts must install what they need.
readonly packages=(
  systemd systemd-sysv dbus openssh-server sudo iproute2 iptables nftables kmod procps curl ca-certificates
  cloud-init python3 ethtool netbase gnupg apt iputils-ping less vim-tiny
)

remove_work() {
  [[ ! -e $work ]] || rm -rf --one-file-system -- "$work"
}
trap remove_work EXIT

main() {
  remove_work
  mmdebstrap --quiet --variant=minbase --include="$(IFS=, && printf '%s' "${packages[*]}")" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    bookworm "$work" < /dev/null
  as_shipped_by_a_cloud
  as_a_container_needs
  as_a_lab_node_needs
  mv --no-target-directory "$work" "$image"
}

# Nothing of one machine's identity; first boot makes it.
as_shipped_by_a_cloud() {
  : > "$work/etc/machine-id"
  rm -f "$work"/var/lib/dbus/machine-id "$work"/etc/ssh/ssh_host_*_key* "$work"/etc/hostname
  rm -rf "$work"/var/lib/apt/lists/* "$work"/etc/cloud/cloud.cfg.d "$work"/etc/cloud/cloud.cfg
  install -D -m 0644 "$HERE/cloud.cfg" "$work/etc/cloud/cloud.cfg"
  install -D -m 0644 /dev/stdin "$work/etc/cloud/ds-identify.cfg" <<< 'datasource: Ec2'
  install -D -m 0644 /dev/stdin "$work/etc/ssh/sshd_config.d/cloud.conf" <<'CONF'
PasswordAuthentication no
UseDNS no
CONF
  printf 'deb http://deb.debian.org/debian bookworm main\n' > "$work/etc/apt/sources.list"
}

as_a_container_needs() {
  local release unit
  release=$(uname -r)
  install -D -m 0755 "$HERE/lab-init" "$work/usr/local/sbin/lab-init"
  # A container cannot load modules; modprobe succeeds for what is named as built in, and the kernel decides.
  mkdir -p "$work/lib/modules/$release"
  printf 'kernel/%s.ko\n' fs/overlayfs/overlay net/bridge/br_netfilter net/netfilter/nf_conntrack \
    drivers/net/vxlan/vxlan > "$work/lib/modules/$release/modules.builtin"
  : > "$work/lib/modules/$release/modules.order"
  chroot "$work" depmod -a "$release"
  # The network is laid down from outside, and there is no hardware, console, clock or time to tend.
  # cloud-init-local looks for a metadata service before there is a network, with DHCP.
  for unit in cloud-init-local.service cloud-init-hotplugd.socket systemd-networkd.service systemd-resolved.service \
    systemd-timesyncd.service systemd-udevd.service systemd-logind.service getty.target console-getty.service \
    nftables.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer \
    e2scrub_reap.service systemd-pcrphase.service systemd-pcrphase-sysinit.service; do
    ln -sf /dev/null "$work/etc/systemd/system/$unit"
  done
  ln -sf /lib/systemd/system/multi-user.target "$work/etc/systemd/system/default.target"
  rm -f "$work/etc/resolv.conf"
  mkdir -p "$work"/var/lib/{containerd,kubelet,etcd}
}

# The settings that this host forces on a node; the project's scripts must not know them.
as_a_lab_node_needs() {
  install -D -m 0644 /dev/stdin "$work/etc/kubernetes/kubelet.conf.d/99-lab.conf" <<'CONF'
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
# The lab's host may have cgroup v1 only.
failCgroupV1: false
# The disk is the host's: what share of it is left says nothing of the machine.
evictionHard:
  memory.available: 100Mi
  nodefs.available: 1Gi
  nodefs.inodesFree: 1%
  imagefs.available: 1Gi
  imagefs.inodesFree: 1%
CONF
  install -D -m 0644 /dev/stdin "$work/etc/containerd/conf.d/99-lab.toml" <<'CONF'
version = 3

# The lab's machines may lack CAP_SYS_RESOURCE, which a negative oom_score_adj needs.
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
CONF
}

main
