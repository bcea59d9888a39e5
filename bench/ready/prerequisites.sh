#!/usr/bin/env bash
# What kubeadm wants of a machine before its first command: containerd, runc, CNI plugins, kubelet, kubectl, itself, and
# the pod network that the library's nodes have. Run as root with MIRROR, POD_CIDR, PAUSE and a _URL for each program.
set -euo pipefail

fetch() {
  curl --fail --silent --show-error --retry 3 --output "$2" "$MIRROR/$1"
}

if command -v cloud-init >/dev/null; then timeout 300 cloud-init status --wait >/dev/null || true; fi
printf 'overlay\nbr_netfilter\n' >/etc/modules-load.d/kubernetes.conf
modprobe overlay
modprobe br_netfilter
printf 'net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\n' >/etc/sysctl.d/99-kubernetes.conf
sysctl --quiet --load=/etc/sysctl.d/99-kubernetes.conf

scratch=$(mktemp -d)
fetch "$CONTAINERD_URL" "$scratch/containerd.tar.gz"
tar -xzf "$scratch/containerd.tar.gz" -C /usr/local --no-same-owner
fetch "$RUNC_URL" /usr/local/bin/runc
mkdir -p /opt/cni/bin
fetch "$CNI_PLUGINS_URL" "$scratch/cni.tgz"
tar -xzf "$scratch/cni.tgz" -C /opt/cni/bin --no-same-owner
fetch "$KUBELET_URL" /usr/local/bin/kubelet
fetch "$KUBECTL_URL" /usr/local/bin/kubectl
fetch "$KUBEADM_URL" /usr/local/bin/kubeadm
chmod 0755 /usr/local/bin/{runc,kubelet,kubectl,kubeadm}
rm -rf -- "$scratch"

mkdir -p /etc/containerd/conf.d /etc/containerd/certs.d/_default /etc/cni/net.d
cat >/etc/containerd/config.toml <<END
version = 3
imports = ["/etc/containerd/conf.d/*.toml"]
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "$PAUSE"
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = "/etc/containerd/certs.d"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
    SystemdCgroup = true
END
cat >/etc/containerd/certs.d/_default/hosts.toml <<END
[host."$MIRROR"]
  capabilities = ["pull", "resolve"]
END
cat >/etc/cni/net.d/10-bridge.conflist <<END
{
  "cniVersion": "1.0.0",
  "name": "bridge",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "cnio0",
      "isGateway": true,
      "ipMasq": true,
      "hairpinMode": true,
      "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$POD_CIDR" }]], "routes": [{ "dst": "0.0.0.0/0" }] }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
END
cat >/etc/systemd/system/containerd.service <<'END'
[Unit]
After=network.target
[Service]
Type=notify
ExecStart=/usr/local/bin/containerd
Delegate=yes
KillMode=process
Restart=always
[Install]
WantedBy=multi-user.target
END
# As the published packages have it: kubeadm writes the files that it names.
cat >/etc/systemd/system/kubelet.service <<'END'
[Unit]
After=containerd.service
StartLimitIntervalSec=0
[Service]
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
ExecStart=/usr/local/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
  --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml $KUBELET_KUBEADM_ARGS
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --quiet --now containerd
systemctl enable --quiet kubelet
until ctr --connect-timeout 1s version >/dev/null 2>&1; do sleep 0.1; done
