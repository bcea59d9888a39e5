# shellcheck shell=bash
# kubelet refuses to start while there is swap, now or after the next boot.

if [[ -n $(swapon --show --noheadings) ]]; then
  swapoff --all ||
    die "swap does not go off: $(swapon --show=NAME --noheadings | paste -sd ' '): $(last_line "$LOG_FILE"); turn it off by hand, or give the machine memory for what lies in it"
  log "swap is off"
fi
if [[ -f $ROOT/etc/fstab ]]; then
  awk '!/^[[:space:]]*#/ && $3 == "swap" { print "# off for kubelet: " $0; next } { print }' "$ROOT/etc/fstab" |
    put 0644 /etc/fstab
fi
# Swap that is not in fstab: a partition that systemd finds by itself, zram.
if [[ $(systemctl is-enabled swap.target 2>/dev/null) != masked ]]; then
  systemctl mask --quiet swap.target
fi
