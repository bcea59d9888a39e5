#!/usr/bin/env bash
# Programs from the internet or a mirror: verified first, installed second, downloaded only when they differ. Sourced by common.sh.

# Sums of programs that this run has verified, by path: to read 100 MB again takes a third of a second.
declare -A VERIFIED=()

# What a stage fetches for a later one. Nothing is ever run from here.
AHEAD=/var/lib/kubernetes-bootstrap/ahead

# openssl, which comes with the certificates of authorities, has the processor compute sums where it can, in a fifth of the time that
# sha256sum takes. One that is there may still fail, by its configuration say: so it has to know the sum of nothing.
SUMS=(openssl dgst -sha256 -r)
if [[ $("${SUMS[@]}" /dev/null 2>/dev/null) != e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\ * ]]; then
  SUMS=(sha256sum)
fi

# binary NAME URL SHA256 VERSION [ARGUMENT…]: one program into /usr/local/bin. The arguments make it print its version, which is not
# asked where VERSION is empty. Without SHA256 the publisher's own is taken, from the file beside the download, and kept for the next
# run, which then asks nobody.
binary() {
  local name=$1 url=$2 sum=$3 version=$4 path=/usr/local/bin/$1 record=
  shift 4
  if [[ -z $sum ]]; then
    record=/var/lib/kubernetes-bootstrap/$name.sums
    if is_installed "$record" "$url"; then
      VERIFIED[$path]=$(sum_of "$ROOT$path")
      return 0
    fi
    sum=$(published_sum "$url" "$url.sha256")
  fi
  if [[ $(sum_of "$ROOT$path") != "$sum" ]]; then
    install_binary "$name" "$url" "$sum" "$version" "$path" "$@"
  fi
  VERIFIED[$path]=$sum
  [[ -z $record ]] || keep_sums "$record" "$sum" "$url" "$path"
}

# install_binary NAME URL SHA256 VERSION PATH [ARGUMENT…]
install_binary() {
  local name=$1 url=$2 sum=$3 version=$4 path=$5
  shift 5
  mkdir -p "$ROOT/usr/local/bin"
  # Not in /tmp, which may forbid execution.
  draft "$path"
  if ! from_ahead "$name" "$url" "$sum" "$UNFINISHED"; then
    fetch_verified "$url" "$UNFINISHED" "$sum"
  fi
  chmod 0755 "$UNFINISHED"
  [[ -z $version ]] || says_version "$name" "$UNFINISHED" "$version" "$url" "${@:---version}"
  place 0755 "$UNFINISHED" "$path"
  UNFINISHED=
}

# archive NAME URL SHA256 VERSION FOLDER [MEMBER…]: programs out of a .tar.gz into FOLDER; without members, all of them.
# The first member must say that it is VERSION, unless VERSION is empty.
archive() {
  local name=$1 url=$2 sum=$3 version=$4 folder=$5 unpacked=()
  local record=/var/lib/kubernetes-bootstrap/$name.sums
  shift 5
  if is_installed "$record" "${sum:-$url}"; then
    return 0
  fi
  [[ -n $sum ]] || sum=$(published_sum "$url" "${url%/*}/SHA256SUMS")
  unpack "$name" "$url" "$sum" "$folder" "$@"
  [[ -z $version ]] || says_version "$name" "$UNFINISHED/${unpacked[0]}" "$version" "$url" --version
  place_unpacked 0755 "$folder" "$record" "$sum" "$url"
}

# ahead NAME URL SHA256 [MEMBER…]: fetches and verifies a program, or those of an archive, for the stage that installs it, unless it is
# here already, or installed. What is installed stays in use until then.
ahead() {
  local name=$1 url=$2 sum=$3 path=$AHEAD/$1 unpacked=()
  shift 3
  if is_installed "$path.sums" "$sum"; then
    return 0
  fi
  rm -rf -- "$ROOT$path" "$ROOT$path.sums"
  if is_installed "/var/lib/kubernetes-bootstrap/$name.sums" "$sum" ||
    [[ $(sum_of "$ROOT/usr/local/bin/$name") == "$sum" ]]; then
    return 0
  fi
  folder 0700 "$AHEAD"
  if [[ $url == *.tar.gz || $url == *.tgz ]]; then
    unpack "$name" "$url" "$sum" "$path" "$@"
    place_unpacked 0700 "$path" "$path.sums" "$sum" "$url"
  else
    draft "$path"
    fetch_verified "$url" "$UNFINISHED" "$sum"
    place 0700 "$UNFINISHED" "$path"
    UNFINISHED=
    VERIFIED[$path]=$sum
    keep_sums "$path.sums" "$sum" "$url" "$path"
  fi
}

# from_ahead NAME URL SHA256 PLACE: moves there what lies ahead, if it is this download and whole. Nothing else of it stays.
from_ahead() {
  local path=$ROOT$AHEAD/$1 moved=1
  if is_installed "$AHEAD/$1.sums" "$3"; then
    # With the label that SELinux, where it is in force, gives to files of that place.
    mv -fTZ -- "$path" "$4" || {
      [[ -z $(without_room) ]] || no_room_for "$2"
      die "cannot move $AHEAD/$1: $(last_line "$LOG_FILE"); see what is at $4"
    }
    moved=0
    log "take $1, which is here already"
  fi
  rm -rf -- "$path" "$path.sums"
  return "$moved"
}

# unpack NAME URL SHA256 FOLDER [MEMBER…]: programs of an archive beside their destination, in $UNFINISHED. Their names there go into
# the caller's array unpacked.
unpack() {
  local name=$1 url=$2 sum=$3 member
  # Not in /tmp, which may forbid execution.
  UNFINISHED=$ROOT$4/.$name.unfinished
  mkdir -p "$ROOT$4"
  shift 4
  rm -rf -- "$UNFINISHED"
  if from_ahead "$name" "$url" "$sum" "$UNFINISHED"; then
    set -- "${@##*/}"
  else
    fetch_verified "$url" "$SCRATCH/$name.tar.gz" "$sum"
    mkdir -p "$UNFINISHED"
    tar -xzf "$SCRATCH/$name.tar.gz" --no-same-owner -C "$UNFINISHED"
    rm -f -- "$SCRATCH/$name.tar.gz"
  fi
  unpacked=("$@")
  if [[ $# -eq 0 ]]; then
    mapfile -t unpacked < <(cd "$UNFINISHED" && find . -type f -perm -u+x | sort)
  fi
  for member in "${unpacked[@]}"; do
    [[ -f $UNFINISHED/$member ]] || die "$member is not in the archive: $url; check the version that belongs to this address"
  done
}

# place_unpacked MODE FOLDER RECORD SHA256 URL: the caller's array unpacked, out of $UNFINISHED.
place_unpacked() {
  local mode=$1 folder=$2 member paths=()
  for member in "${unpacked[@]}"; do
    paths+=("$folder/${member##*/}")
    place "$mode" "$UNFINISHED/$member" "$folder/${member##*/}"
  done
  rm -rf -- "$UNFINISHED"
  UNFINISHED=
  keep_sums "$3" "$4" "$5" "${paths[@]}"
}

# keep_sums RECORD SHA256 URL PATH…: that this download became these files.
keep_sums() {
  local record=$1 download="# $2 $3" path said unknown=() sums=''
  shift 3
  for path in "$@"; do
    [[ -n ${VERIFIED[$path]:-} ]] || unknown+=("$path")
  done
  if [[ ${#unknown[@]} -gt 0 ]]; then
    # All at once: a process for each would take longer than the sums.
    mapfile -t said < <(sums_of "${unknown[@]/#/$ROOT}")
    for path in "${!unknown[@]}"; do
      VERIFIED[${unknown[path]}]=${said[path]}
    done
  fi
  for path in "$@"; do
    sums+="${VERIFIED[$path]}  ${path#/}"$'\n'
  done
  printf '%s\n%s' "$download" "$sums" | put 0644 "$record"
}

# is_installed RECORD KEY: this download (by sum or address) was installed, and its programs are still what they were.
is_installed() {
  local path sum expected=() files=()
  [[ -f $ROOT$1 && -n $2 ]] && head -n 1 "$ROOT$1" | grep -qwF -- "$2" || return 1
  while read -r sum path; do
    [[ -f $ROOT/$path ]] || return 1
    expected+=("$sum")
    files+=("$ROOT/$path")
  done < <(tail -n +2 "$ROOT$1")
  [[ ${#files[@]} -gt 0 && $(sums_of "${files[@]}") == "$(printf '%s\n' "${expected[@]}")" ]]
}

# sum_of FILE: its sha256, or nothing where there is no file.
sum_of() {
  [[ ! -f $1 ]] || sums_of "$1"
}

# sums_of FILE…: a line for each.
sums_of() {
  "${SUMS[@]}" "$@" | cut -d ' ' -f 1
}

# published_sum URL SUMS: the sum in a file that the publisher keeps beside the download, alone or beside the download's name.
published_sum() {
  local sums=$2 sum
  fetch "$sums" "$SCRATCH/sums"
  sum=$(awk -v name="${1##*/}" 'NF == 1 || $2 == name || $2 == "*" name { print $1 }' "$SCRATCH/sums")
  [[ $sum =~ ^[0-9a-f]{64}$ ]] || die "no checksum for $1: ${1##*/} is not in $sums; add it to the variable checksums"
  printf '%s' "$sum"
}

# fetch URL FILE
fetch() {
  local url=$1 status problem=$SCRATCH/curl
  log "download $url"
  status=$(by_proxy curl --silent --show-error --location --retry 3 --retry-delay 1 --retry-connrefused --connect-timeout 10 \
    --speed-limit 1024 --speed-time 60 --output "$2" --write-out '%{http_code}' -- "$url" 2>"$problem") || {
    [[ -z $(without_room) ]] || no_room_for "$url"
    die "cannot download $url: $(last_line "$problem"); check $(way_out), or set a mirror"
  }
  [[ $status == 200 ]] || die "cannot download $url: the server answers $status; check the version, or the mirror's content"
}

# no_room_for URL
no_room_for() {
  die "no room is left on $(without_room) for $1; make room there, or give the machine a larger disk"
}

# fetch_verified URL FILE SHA256
fetch_verified() {
  local got
  fetch "$1" "$2"
  got=$(sum_of "$2")
  [[ $got == "$3" ]] ||
    die "wrong checksum for $1: expected $3, got $got; nothing was installed, correct the variable checksums or the mirror"
}

# says_version NAME FILE VERSION URL ARGUMENT…
says_version() {
  local name=$1 file=$2 version=${3#v} url=$4 said
  shift 4
  said=$("$file" "$@" 2>&1) || true
  [[ $said =~ (^|[^0-9.])${version//./\\.}($|[^0-9.]) ]] ||
    die "$name is not version $version: $url says \"$(head -n 1 <<<"$said")\"; make the version and the address agree"
}
