# shellcheck shell=bash
# Modules and settings for pods: now, and at every boot. The kernel.* and vm.* values are those kubelet wants protected.

put 0644 /etc/modules-load.d/kubernetes.conf <<'END'
overlay
br_netfilter
END
put 0644 /etc/sysctl.d/99-kubernetes.conf <<'END'
net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
kernel.panic = 10
kernel.panic_on_oops = 1
vm.overcommit_memory = 1
vm.panic_on_oom = 0
END

while read -r module; do
  modprobe "$module"
done <"$ROOT/etc/modules-load.d/kubernetes.conf"
while IFS=' =' read -r setting value; do
  [[ $(sysctl --values "$setting") == "$value" ]] || sysctl --quiet --write "$setting=$value"
done <"$ROOT/etc/sysctl.d/99-kubernetes.conf"
