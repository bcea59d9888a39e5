#!/usr/bin/env bash
# What every stage begins with: strict mode, a log, and errors that are one sentence. Sourced by run.sh.
set -Eeuo pipefail
umask 022

# Before every path that is written. Empty on a node; a test sets it to a scratch folder.
ROOT=${ROOT:-}
# The folder of the stage, and what was uploaded beside it.
HERE=$(cd "$(dirname "$0")" && pwd)
UPLOAD=$(dirname "$HERE")
FILES=$UPLOAD/files
STAGE=$(basename "$HERE")
STEP=begin
NODE=$(uname -n)
LOG_FILE=/dev/null
SCRATCH=$(mktemp -d 2>&1) || {
  printf 'error: %s on %s: %s; make room there, or give the machine a larger disk\n' "$STAGE" "$NODE" "$SCRATCH" >&2
  exit 1
}
# A failure that nobody has explained yet. A file, for subshells; removed and not made, which works on a full disk too.
: >"$SCRATCH/unexplained"
# What is being written beside its destination; removed when the stage fails half-way.
UNFINISHED=
FAILED_COMMAND=

# What commands say goes to the log file, what the stage says to whoever started it.
exec 3>&2

trap 'FAILED_COMMAND=$BASH_COMMAND' ERR
trap leave EXIT

# shellcheck source-path=SCRIPTDIR source=files.sh
. "$UPLOAD/lib/files.sh"
# shellcheck source-path=SCRIPTDIR source=proxy.sh
. "$UPLOAD/lib/proxy.sh"
# shellcheck source-path=SCRIPTDIR source=download.sh
. "$UPLOAD/lib/download.sh"
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$UPLOAD/lib/packages.sh"
# shellcheck source-path=SCRIPTDIR source=service.sh
. "$UPLOAD/lib/service.sh"

log() {
  local line
  printf -v line '%(%H:%M:%S)T  %s' -1 "$*"
  printf '%s\n' "$line" >&3
  printf '%s\n' "$line" >>"$LOG_FILE"
}

# die WHAT: WHERE; CURE
die() {
  explain "$*"
  exit 1
}

# explain WHAT: WHERE; CURE: the one sentence, which must come out also where the log has no room for it.
explain() {
  rm -f -- "$SCRATCH/unexplained"
  printf 'error: %s on %s: %s\n' "$STAGE" "$NODE" "$*" | tee -a "$LOG_FILE" >&3 || true
}

# Every way out of a stage. A failure that nobody explained is told by its step, its command and its last words.
leave() {
  local status=$? command
  trap - ERR
  # Of a command with a text behind it that text is no part of a sentence.
  command=${FAILED_COMMAND%%$'\n'*}
  if [[ $status -ne 0 && -e $SCRATCH/unexplained ]]; then
    status=1
    if [[ -n $(without_room) ]]; then
      explain "no room is left on $(without_room) for the step $STEP: ${command:-run.sh}; make room there, or give the machine a larger disk"
    else
      explain "step $STEP failed: ${command:-run.sh}: $(last_line "$LOG_FILE"); see $LOG_FILE"
    fi
  fi
  rm -rf -- "$SCRATCH"
  [[ -z $UNFINISHED ]] || rm -rf -- "$UNFINISHED"
  exit "$status"
}

# The first of the file systems that a stage writes to that is full.
without_room() {
  df --output=avail,target "$SCRATCH" "$ROOT"/{,etc,opt,usr/local/bin,var/lib,var/log} 2>/dev/null |
    awk 'NR > 1 && $1 == 0 { print $2; exit }'
}

# The last thing a command said; our own lines in the log are no explanation.
last_line() {
  local line
  line=$(grep -v '^[[:space:]]*$' "$1" 2>/dev/null | tail -n 1) || true
  [[ $line =~ ^[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\ \  ]] && line="it said nothing"
  printf '%s' "${line:-it said nothing}"
}

# declared reads: the names in the comment "# reads: …" at the top of run.sh, which is the contract of the stage.
declared() {
  sed -n "s/^# $1: *//p" "$HERE/run.sh"
}

# Reads node.env and refuses to go on without a variable that the stage declares.
begin() {
  local folder=$ROOT/var/log/kubernetes-bootstrap names
  if [[ -z $ROOT && $EUID -ne 0 ]]; then
    die "not run as root: $0; run it with sudo"
  fi
  if [[ -n $ROOT && $(command -v systemctl) != "$ROOT"/* ]]; then
    die "ROOT is set but systemctl is this machine's own: $ROOT; a test brings its own commands in a folder below ROOT"
  fi
  mkdir -p "$folder"
  LOG_FILE=$folder/$STAGE.log
  (umask 077 && : >"$LOG_FILE")
  exec >>"$LOG_FILE" 2>&1

  read -ra names <<<"$(declared reads)"
  # What happens to be in the environment is no substitute for a line in node.env.
  unset "${names[@]}"
  [[ -r $UPLOAD/node.env ]] || die "no variables: $UPLOAD/node.env is missing; run terraform apply again"
  # shellcheck source=/dev/null
  . "$UPLOAD/node.env"
  NODE=${NODE_NAME:-$NODE}
  require "${names[@]}"
  log "$STAGE on $NODE"
}

require() {
  local name optional url
  optional=" $(declared 'may be empty') "
  for name in "$@"; do
    [[ -n ${!name+set} ]] || die "$name is not set in node.env: $UPLOAD/node.env; give it a value and run the stage again"
    [[ -z ${!name} && $optional != *" $name "* ]] || continue
    if [[ $name == *_SHA256 ]]; then
      url=${name%_SHA256}_URL
      die "no checksum for ${!url}; add it to the variable checksums"
    fi
    die "$name is empty in node.env: $UPLOAD/node.env; give it a value and run the stage again"
  done
}

# step NAME: runs steps/NAME.sh
step() {
  STEP=$1
  log "$STEP"
  # shellcheck source=/dev/null
  . "$HERE/steps/$STEP.sh"
}

# The uploaded keys lie in their final place now, so the copies go.
finish() {
  STEP=finish
  if [[ -d $FILES ]]; then
    find "$FILES" -mindepth 1 -maxdepth 1 -type f -delete
  fi
  log "$STAGE on $NODE is done"
}

# retry SECONDS COMMAND…: asks five times a second until the command succeeds. PATIENCE_SECONDS is for the impatient.
retry() {
  local bound=$((SECONDS + ${PATIENCE_SECONDS:-$1}))
  shift
  until "$@"; do
    [[ $SECONDS -lt $bound ]] || return 1
    sleep 0.2
  done
}
