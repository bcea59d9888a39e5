# shellcheck shell=bash
# The variables that programs know a proxy by, with its user where it has one: root's alone. Stages read them for downloads.

take 0600 proxy.env /etc/kubernetes/proxy.env
# Whoever logs in as root goes through it too; others may not know its user.
put 0644 /etc/profile.d/kubernetes-proxy.sh <<'END'
if [ -r /etc/kubernetes/proxy.env ]; then
  set -a
  . /etc/kubernetes/proxy.env
  set +a
fi
END
