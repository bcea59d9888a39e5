#!/usr/bin/env bash
# Files in their final place: written only when they differ, with their mode and owner. Sourced by common.sh.

# put MODE PATH [OWNER:GROUP] < CONTENT
put() {
  local path=$ROOT$2
  [[ -d ${path%/*} ]] || mkdir -p "${path%/*}"
  draft "$2"
  cat >"$UNFINISHED"
  place "$1" "$UNFINISHED" "$2" "${3:-}"
  UNFINISHED=
}

# draft PATH: an empty file beside PATH, so that nobody ever reads half a file, and readable by root alone while it is written.
# Its name is always the same: what a run that was killed has left of it goes here.
draft() {
  UNFINISHED=$ROOT$1.unfinished
  [[ ! -e $UNFINISHED && ! -L $UNFINISHED ]] || rm -f -- "$UNFINISHED"
  umask 077
  set -o noclobber
  : >"$UNFINISHED"
  set +o noclobber
  umask 022
}

# place MODE FILE PATH [OWNER:GROUP]: moves FILE to PATH, or drops it when PATH has the same content.
place() {
  local mode=$1 file=$2 path=$ROOT$3 owner=${4:-}
  if [[ -f $path ]] && cmp -s "$file" "$path"; then
    rm -f -- "$file"
    own "$mode" "$path" "$owner"
  else
    own "$mode" "$file" "$owner"
    mv -f -- "$file" "$path"
    log "wrote $3"
  fi
}

# own MODE FILE OWNER:GROUP
own() {
  local is
  is=$(stat -c '%a %U:%G' "$2")
  [[ ${is% *} == "${1#0}" ]] || chmod "$1" "$2"
  [[ -z $3 || ${is#* } == "$3" ]] || chown "$3" "$2"
}

# folder MODE PATH [OWNER:GROUP]
folder() {
  [[ -d $ROOT$2 ]] || mkdir -p "$ROOT$2"
  own "$1" "$ROOT$2" "${3:-}"
}

# take MODE NAME PATH [OWNER:GROUP]: an uploaded file. The upload is removed after success, so a later run finds it in place.
take() {
  local mode=$1 uploaded=$FILES/$2 path=$3 owner=${4:-}
  if [[ -s $uploaded ]]; then
    put "$mode" "$path" "$owner" <"$uploaded"
  elif [[ -s $ROOT$path ]]; then
    own "$mode" "$ROOT$path" "$owner"
  else
    die "$2 is missing: neither in $FILES nor at $path; run terraform apply again"
  fi
}

# drop_in MODE PATH TEXT: a file of ours that is there only where there is something to say, in one line for printf %b.
drop_in() {
  if [[ -n $3 ]]; then
    printf '%b\n' "$3" | put "$1" "$2"
  else
    discard "$2"
  fi
}

# discard PATH: a file of ours that is no longer wanted.
discard() {
  [[ -e $ROOT$1 || -L $ROOT$1 ]] || return 0
  rm -f -- "$ROOT$1"
  log "removed $1"
}

# The variables of this stage, where its systemd units read them. There is no secret in them.
keep_environment() {
  put 0644 "/etc/kubernetes/$STAGE.env" <"$UPLOAD/node.env"
}
