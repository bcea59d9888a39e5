# shellcheck shell=bash
# The key, under a name of its own: cloud-init and the package of sshd make and delete ssh_host_*_key.

take 0600 ssh-host-key /etc/ssh/cluster_host_key
take 0644 ssh-host-key.pub /etc/ssh/cluster_host_key.pub
put 0644 /etc/ssh/sshd_config.d/10-cluster-host-key.conf <<'END'
HostKey /etc/ssh/cluster_host_key
END
