#!/usr/bin/env bash
# Programs from the internet or a mirror: verified first, installed second, downloaded only when they differ. Sourced by common.sh.

# Sums of programs that this run has verified, by path: to read 100 MB again takes a third of a second.
declare -A VERIFIED=()

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
  [[ -z $record ]] || printf '# %s %s\n%s  %s\n' "$sum" "$url" "$sum" "${path#/}" | put 0644 "$record"
}

# install_binary NAME URL SHA256 VERSION PATH [ARGUMENT…]
install_binary() {
  local name=$1 url=$2 sum=$3 version=$4 path=$5
  shift 5
  mkdir -p "$ROOT/usr/local/bin"
  # Not in /tmp, which may forbid execution.
  draft "$path"
  fetch "$url" "$UNFINISHED"
  verify "$url" "$UNFINISHED" "$sum"
  chmod 0755 "$UNFINISHED"
  [[ -z $version ]] || says_version "$name" "$UNFINISHED" "$version" "$url" "${@:---version}"
  place 0755 "$UNFINISHED" "$path"
  UNFINISHED=
}

# archive NAME URL SHA256 VERSION FOLDER [MEMBER…]: programs out of a .tar.gz into FOLDER; without members, all of them.
# The first member must say that it is VERSION, unless VERSION is empty.
archive() {
  local name=$1 url=$2 sum=$3 version=$4 folder=$5 member sums='' installed=()
  local record=/var/lib/kubernetes-bootstrap/$name.sums unpacked
  shift 5
  if is_installed "$record" "${sum:-$url}"; then
    return 0
  fi
  [[ -n $sum ]] || sum=$(published_sum "$url" "${url%/*}/SHA256SUMS")

  fetch "$url" "$SCRATCH/$name.tar.gz"
  verify "$url" "$SCRATCH/$name.tar.gz" "$sum"
  # Beside the destination, not in /tmp, which may forbid execution.
  mkdir -p "$ROOT$folder"
  unpacked=$ROOT$folder/.$name.unfinished
  UNFINISHED=$unpacked
  rm -rf -- "$unpacked"
  mkdir "$unpacked"
  tar -xzf "$SCRATCH/$name.tar.gz" --no-same-owner -C "$unpacked"
  if [[ $# -eq 0 ]]; then
    mapfile -t installed < <(cd "$unpacked" && find . -type f -perm -u+x | sort)
  else
    installed=("$@")
  fi
  for member in "${installed[@]}"; do
    [[ -f $unpacked/$member ]] || die "$member is not in the archive: $url; check the version that belongs to this address"
  done
  [[ -z $version ]] || says_version "$name" "$unpacked/${installed[0]}" "$version" "$url" --version
  for member in "${installed[@]}"; do
    place 0755 "$unpacked/$member" "$folder/$(basename "$member")"
  done
  rm -rf -- "$unpacked"
  UNFINISHED=
  for member in "${installed[@]}"; do
    member=$folder/$(basename "$member")
    VERIFIED[$member]=$(sum_of "$ROOT$member")
    sums+="${VERIFIED[$member]}  ${member#/}"$'\n'
  done
  printf '# %s %s\n%s' "$sum" "$url" "$sums" | put 0644 "$record"
}

# is_installed RECORD KEY: this download (by sum or address) was installed, and its programs are still what they were.
is_installed() {
  [[ -f $ROOT$1 ]] && head -n 1 "$ROOT$1" | grep -qwF -- "$2" && (cd "$ROOT/" && sha256sum --check --status "$ROOT$1")
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
    [[ -z $(without_room) ]] ||
      die "no room is left on $(without_room) for $url; make room there, or give the machine a larger disk"
    die "cannot download $url: $(last_line "$problem"); check $(way_out), or set a mirror"
  }
  [[ $status == 200 ]] || die "cannot download $url: the server answers $status; check the version, or the mirror's content"
}

# verify URL FILE SHA256
verify() {
  local got
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
