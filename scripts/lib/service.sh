#!/usr/bin/env bash
# systemd services: restarted only when what they read has changed, and told apart when they do not come up. Sourced by common.sh.

# service NAME PATH…: installs units/NAME.service and keeps it running. Does not wait for it.
service() {
  put 0600 "/etc/systemd/system/$1.service" <"$HERE/units/$1.service"
  keep_running "$1" "/etc/systemd/system/$1.service" "${@:2}"
}

# keep_running NAME PATH…: starts a unit that is there. The paths are the files it reads; when one of them, or a variable in the
# first, differs from what the service was started with, it is restarted.
keep_running() {
  local unit=$1.service record=/var/lib/kubernetes-bootstrap/$1.inputs changed
  shift
  inputs "$@" >"$SCRATCH/$unit"
  # Written after the start and not before, so that a stage that failed half-way restarts it the next time.
  if ! cmp -s "$SCRATCH/$unit" "$ROOT$record"; then
    if [[ -e $ROOT$record ]]; then
      changed=$(diff "$ROOT$record" "$SCRATCH/$unit" | sed -n 's/^> [^ ]* *//p' | paste -sd ' ') || true
      log "restart $unit, for what has changed: $changed"
    else
      log "start $unit"
    fi
    # A reload starts some twenty programs, and a unit that is new to systemd needs none.
    if [[ $(systemctl show --property=NeedDaemonReload --value "$unit") != no ]]; then
      systemctl daemon-reload
    fi
    systemctl enable --quiet --no-reload "$unit"
    # Stopped first, and waited for: what answers afterwards is the new one.
    systemctl stop "$unit"
    systemctl start --no-block "$unit"
    put 0600 "$record" <"$SCRATCH/$unit"
  elif ! systemctl is-active --quiet "$unit"; then
    log "start $unit, which was not running"
    systemctl start --no-block "$unit"
  fi
}

# retire NAME COMMAND…: stops and removes a service of ours that is no longer wanted; the command removes what it has left.
retire() {
  local unit=/etc/systemd/system/$1.service record=/var/lib/kubernetes-bootstrap/$1.inputs
  [[ -e $ROOT$unit ]] || return 0
  log "stop $1.service, which is no longer wanted"
  systemctl disable --quiet --now "$1.service"
  "${@:2}" || log "${*:2}: $(last_line "$LOG_FILE")"
  discard "$record"
  discard "$unit"
  systemctl daemon-reload
}

# A line for each thing that a service reads.
inputs() {
  local name said variables unknown=() files=()
  local -A sum=()
  for name in "$@"; do
    sum[$name]=${VERIFIED[$name]:-}
    if [[ -z ${sum[$name]} && -f $ROOT$name ]]; then
      unknown+=("$name")
      files+=("$ROOT$name")
    fi
  done
  mkdir -p "$SCRATCH/values"
  # shellcheck disable=SC2016 # the texts ${NAME} and $NAME in the unit
  mapfile -t variables < <(grep -oE '\$\{?[A-Z][A-Z0-9_]*' "$ROOT$1" | tr -d '${}' | sort -u)
  for name in "${variables[@]}"; do
    printf '%s' "${!name}" >"$SCRATCH/values/$name"
    unknown+=("$name")
    files+=("$SCRATCH/values/$name")
  done
  # All at once: a process for each would take longer than the sums.
  said=$(sums_of "${files[@]}")
  for name in "${unknown[@]}"; do
    sum[$name]=${said%%$'\n'*}
    said=${said#*$'\n'}
  done
  for name in "$@" "${variables[@]}"; do
    printf '%s %s\n' "${sum[$name]}" "$name"
  done
}

# comes_up NAME SECONDS COMMAND…: waits until the command succeeds, or says why the service does not get that far.
comes_up() {
  local unit=$1.service seconds=$2
  shift 2
  retry "$seconds" "$@" ||
    die "$unit is not ready after ${PATIENCE_SECONDS:-$seconds} s ($(state_of "$unit")): $(last_words "$unit"); see journalctl -u $unit"
  log "$unit is ready"
}

state_of() {
  systemctl show --property=ActiveState,SubState --value "$1" 2>/dev/null | paste -sd ' ' || true
}

# The last line of a service that tells of an error, else its last line.
last_words() {
  local said errors
  said=$(journalctl --unit="$1" --output=cat --no-pager --lines=60 2>/dev/null | grep -v '^[[:space:]]*$') || true
  # systemd's own lines tell that it failed, not why.
  said=$(grep -vE "^($1: |(Started|Starting|Stopped|Stopping|Failed to start) )" <<<"$said") || true
  errors=$(grep -E '^[EF][0-9]{4} |"level":"(error|fatal|panic)"|[Ee]rror|panic|[Ff]ailed|refused|denied' <<<"$said") || true
  said=$(tail -n 1 <<<"${errors:-$said}")
  printf '%s' "${said:-it said nothing}"
}
