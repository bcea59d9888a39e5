# shellcheck shell=bash
# Last, since until it was reloaded sshd reads the first key for every connection.

for path in "$ROOT"/etc/ssh/ssh_host_*_key "$ROOT"/etc/ssh/ssh_host_*_key.pub; do
  discard "${path#"$ROOT"}"
done
