#!/usr/bin/env bash
# How the checks in this folder speak: a line for each thing that was checked, and exit 1 if one of them does not hold. Sourced.
set -euo pipefail

PROBLEMS=0

# passed WHAT
passed() {
  printf 'ok      %s\n' "$*"
}

# failed WHAT: WHERE; CURE
failed() {
  printf 'FAILED  %s\n' "$*"
  PROBLEMS=$((PROBLEMS + 1))
}

# stop WHAT: like failed, where there is no sense in going on.
stop() {
  failed "$@"
  conclude
}

# within SECONDS COMMAND…: asks once a second until the command succeeds.
within() {
  local bound=$((SECONDS + ${PATIENCE_SECONDS:-$1}))
  shift
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $bound ]] || return 1
    sleep 1
  done
}

# The last word: exits with 1 if anything failed.
conclude() {
  [[ $PROBLEMS -eq 0 ]] || {
    printf 'error: %s on %s: %s of the checks above failed\n' "$(basename "$0")" "$(uname -n)" "$PROBLEMS" >&2
    exit 1
  }
}
