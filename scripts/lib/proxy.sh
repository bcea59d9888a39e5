#!/usr/bin/env bash
# The HTTP proxy of the stage proxy, where there is one. Sourced by common.sh.

# by_proxy COMMAND…: a program, not a function, with the proxy's variables. No other program of a stage goes through it.
by_proxy() (
  if [[ -r $ROOT/etc/kubernetes/proxy.env ]]; then
    set -a
    # shellcheck source=/dev/null
    . "$ROOT/etc/kubernetes/proxy.env"
  fi
  exec "$@"
)

# What to look at when something cannot be fetched: the proxy, without its user.
way_out() {
  local proxy
  proxy=$(sed -n "s/^https_proxy='\(.*\)'$/\1/p" "$ROOT/etc/kubernetes/proxy.env" 2>/dev/null) || true
  printf '%s' "${proxy:+the proxy ${proxy%%//*}//${proxy##*[@/]}, }the way out of this machine"
}
