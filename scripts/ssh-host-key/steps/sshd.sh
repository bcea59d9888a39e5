# shellcheck shell=bash
# sshd shows this key and no other, since a client takes the kind that it likes best. Connections that are open stay open.

configured=$(sshd -T | sed -n 's/^hostkey //p' | paste -sd ' ')
[[ $configured == /etc/ssh/cluster_host_key ]] ||
  die "sshd would show other host keys too: $configured; use an image without HostKey in sshd_config and sshd_config.d"

# What sshd shows to a client, of every kind.
shows_it() {
  [[ $(ssh-keyscan -T 5 127.0.0.1 2>/dev/null | cut -d ' ' -f 2-) == "$(<"$ROOT/etc/ssh/cluster_host_key.pub")" ]]
}
# As long as the first keys are there, sshd has hardly been reloaded; to ask it is a connection for each kind of key.
first=("$ROOT"/etc/ssh/ssh_host_*_key)
if [[ -e ${first[0]} ]] || ! shows_it; then
  log "reload sshd with its lasting host key"
  systemctl reload ssh.service
  retry 30 shows_it ||
    die "sshd does not show its new host key after ${PATIENCE_SECONDS:-30} s: $(last_words ssh.service); see journalctl -u ssh"
fi
