# shellcheck shell=bash
# Without a kubeconfig of one's own, kubectl asks localhost:8080, where nothing listens.

folder 0700 /root/.kube
put 0600 /root/.kube/config <"$ROOT/var/lib/kubernetes/admin.kubeconfig"

if [[ $SSH_USER != root ]]; then
  home=$(getent passwd "$SSH_USER" | cut -d : -f 6) ||
    die "there is no user $SSH_USER on this machine: SSH_USER in node.env; name the user of the machine image"
  group=$(id -gn "$SSH_USER")
  folder 0700 "$home/.kube" "$SSH_USER:$group"
  put 0600 "$home/.kube/config" "$SSH_USER:$group" <"$ROOT/var/lib/kubernetes/admin.kubeconfig"
fi
