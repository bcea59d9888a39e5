#!/usr/bin/env bash
# Packages of the distribution, installed only when they are missing. Sourced by common.sh.

# node_packages MIRROR MODE: what kubelet, and kube-proxy in that mode, call: socat for port-forward, the others for Services. Debian's
# machine image lacks iptables.
node_packages() {
  local wanted=(socat conntrack ipset iptables)
  [[ $2 != nftables ]] || wanted+=(nftables)
  packages "$1" "${wanted[@]}"
}

# packages MIRROR NAME…: from the machine's own sources where MIRROR is empty.
packages() {
  local mirror=$1 package there missing=() options release components
  shift
  # It fails for the first that it does not know, and tells of the others all the same.
  there=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "$@") || true
  for package in "$@"; do
    grep -qxF "$package installed" <<<"$there" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0

  log "install ${missing[*]}${mirror:+ from $mirror}"
  # At its first boot cloud-init writes the sources of apt.
  if [[ ! -e $ROOT/run/cloud-init/result.json ]] && command -v cloud-init >/dev/null; then
    timeout 120 cloud-init status --wait || log "cloud-init is not done, or not well: $(last_line "$LOG_FILE")"
  fi
  # Nobody reads descriptions here, and their translations are half of what would be unpacked.
  options=(-o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Acquire::Languages=none)
  if [[ -n $mirror ]]; then
    # Sources and lists of its own, for this one install: those of the machine stay as they are.
    mkdir -p "$SCRATCH/lists/partial"
    release=$(sed -n 's/^VERSION_CODENAME=//p' "$ROOT/etc/os-release")
    components=main
    ! grep -qx 'ID=ubuntu' "$ROOT/etc/os-release" || components="main universe"
    printf 'deb %s %s %s\n' "$mirror" "$release" "$components" >"$SCRATCH/mirror.list"
    options+=(-o "Dir::Etc::SourceList=$SCRATCH/mirror.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$SCRATCH/lists")
    chmod -R go+rX "$SCRATCH"
  fi
  export DEBIAN_FRONTEND=noninteractive
  # An install that was killed keeps apt from every other, until it is finished. The lock may be a fresh machine's own.
  retry 120 dpkg --force-confdef --force-confold --configure -a </dev/null ||
    die "packages are half installed: $(last_line "$LOG_FILE"); see dpkg --audit"
  # The lock on the lists is one that apt does not wait for, and a fresh machine may be updating them by itself.
  retry 120 by_proxy apt-get "${options[@]}" update ||
    die "cannot read package lists: $(last_line "$LOG_FILE"); check ${mirror:-the package sources of this machine}"
  by_proxy apt-get "${options[@]}" install --yes --no-install-recommends "${missing[@]}" ||
    die "cannot install ${missing[*]}: $(last_line "$LOG_FILE"); check ${mirror:-the package sources of this machine}"
}
