# shellcheck shell=bash
# containerd: runc under systemd's cgroups, our pause image, registries by certs.d. What else lies in conf.d is the machine's own.

folder 0755 /etc/containerd/conf.d
folder 0755 /etc/containerd/certs.d
put 0644 /etc/containerd/config.toml <<END
version = 3
imports = ["/etc/containerd/conf.d/*.toml"]

[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"

  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "$PAUSE_IMAGE"

  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = "/etc/containerd/certs.d"

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["/opt/cni/bin"]
  conf_dir = "/etc/cni/net.d"

[plugins.'io.containerd.cri.v1.runtime'.containerd]
  default_runtime_name = "runc"

  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = "/usr/local/bin/runc"
      SystemdCgroup = true
END

# Read at every pull, so containerd need not be restarted for it.
if [[ -n $IMAGE_MIRROR ]]; then
  put 0644 /etc/containerd/certs.d/_default/hosts.toml <<END
# Every registry is asked for at this mirror first.
[host."$IMAGE_MIRROR"]
  capabilities = ["pull", "resolve"]
END
else
  discard /etc/containerd/certs.d/_default/hosts.toml
fi

drop_in 0644 /etc/containerd/conf.d/10-cluster.toml "$CONTAINERD_CONFIGURATION"
service containerd /usr/local/bin/containerd /usr/local/bin/containerd-shim-runc-v2 /usr/local/bin/runc \
  /etc/containerd/config.toml /etc/containerd/conf.d/10-cluster.toml
