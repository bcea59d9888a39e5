#!/usr/bin/env bash
# Puts the mappings of OWNER into the ConfigMap aws-auth, and leaves those of everybody else as they are: EKS itself, eksctl and
# people write there too. What OWNER put there stands in an annotation, so that a mapping that is no longer wanted goes, and no
# other. Safe to run again, and beside another run. Variables: see connect below, and TOKEN_FILE, which it removes.
# shellcheck source-path=SCRIPTDIR source=cluster-api.sh
. "$(dirname "$0")/cluster-api.sh"

readonly MAPS='mapRoles:rolearn:MAP_ROLES_JSON mapUsers:userarn:MAP_USERS_JSON mapAccounts::MAP_ACCOUNTS_JSON'
readonly ANNOTATION=aws-auth.cdktf-aws-kubernetes/
OUTCOME=

# merge KEY FIELD: from what is there (now), what is wanted (want) and who wrote what (ours, theirs) in the folder of KEY, to a line
# for each entry: keep, drop, add or conflict; its ARN; itself. Nothing of it where the same ARN means one and the same.
merge() {
  awk -F '\t' -v OFS='\t' -v folder="$SCRATCH/$1" '
    FILENAME == folder "/want" { want[tolower($1)] = $2; names[++count] = $1; next }
    FILENAME == folder "/ours" { ours[tolower($1)] = 1; next }
    FILENAME == folder "/theirs" { theirs[tolower($1)] = 1; next }
    {
      id = tolower($1)
      if (!(id in want)) { print (id != "" && (id in ours) && !(id in theirs) ? "drop" : "keep"), $1, $2; next }
      if ($2 == want[id]) { found[id] = 1; print "keep", $1, $2 }
      else print ((id in ours) && !(id in theirs) ? "drop" : "conflict"), $1, $2
    }
    END {
      for (i = 1; i <= count; i++) {
        id = tolower(names[i])
        if (!(id in found)) print "add", names[i], want[id]
        if (!(id in found) || (id in ours)) print "own", names[i], ""
        found[id] = 1
      }
    }' "$SCRATCH/$1/want" "$SCRATCH/$1/ours" "$SCRATCH/$1/theirs" "$SCRATCH/$1/now" >"$SCRATCH/$1/plan"
}

# planned KEY ACTION COLUMN
planned() {
  awk -F '\t' -v action="$2" -v column="$3" '$1 == action { print $column }' "$SCRATCH/$1/plan"
}

# with_changes KEY TEXT: the text without the lines that go, and with those that come at its end.
with_changes() {
  planned "$1" drop 3 >"$SCRATCH/$1/gone"
  planned "$1" add 3 >"$SCRATCH/$1/come"
  printf '%s' "$2" | awk -v gone="$SCRATCH/$1/gone" -v come="$SCRATCH/$1/come" '
    BEGIN { while ((getline line < gone) > 0) drop[line] = 1 }
    {
      entry = $0
      if (sub(/^ *- /, "", entry)) {
        if (!begun) { match($0, /^ */); indent = substr($0, 1, RLENGTH); begun = 1 }
        if (entry in drop) next
      }
      print
    }
    END { while ((getline line < come) > 0) print indent "- " line }'
}

# fresh_text KEY FIELD TEXT: the map as it shall be. Its lines stay as they are where that makes the right list, whatever style
# they are in; where it does not, every entry is written anew, and means the same.
fresh_text() {
  local fresh wanted
  wanted=$(planned "$1" keep 3 && planned "$1" add 3)
  fresh=$(with_changes "$1" "$3")
  if [[ $(entries "$fresh" "$2" | cut -f 2) != "$wanted" ]]; then
    # An account without quotes may be a number to YAML, and no longer what was written.
    [[ $1 != mapAccounts ]] || ! printf '%s' "$wanted" | grep -qvE '^"[0-9]{12}"$' || return 1
    fresh=$(printf '%s\n' "$wanted" | sed -n 's/^./- &/p')
  fi
  [[ -n $wanted ]] || fresh='[]'
  printf '%s\n.' "$fresh"
}

# quoted TEXT: as a string of JSON.
quoted() {
  local tab return
  tab=$(printf '\t')
  return=$(printf '\r')
  printf '%s.' "$1" |
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e "s/$tab/\\\\t/g" -e "s/$return/\\\\r/g" |
    awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }' | sed -e 's/\.$/"/' -e 's/^/"/'
}

# read_wanted: what the variables ask for, which does not change while others write.
read_wanted() {
  local map key arn variable
  for map in $MAPS; do
    IFS=: read -r key arn variable <<<"$map"
    mkdir "$SCRATCH/$key"
    entries "${!variable}" "$arn" >"$SCRATCH/$key/want" || die "$variable is no list: $(tail -n 1 "$SCRATCH/said"); give it as JSON"
    if grep -qE "^$(printf '\t')" "$SCRATCH/$key/want"; then
      die "an entry of $variable has no ${arn:-account}: ${!variable}; name whom it maps"
    fi
  done
}

# plan FILE: what has to be done to the ConfigMap in FILE, and whether it may be.
plan() {
  local map key arn variable text entry left=0
  look "go-template={{range \$key, \$value := .metadata.annotations}}{{\$key}} {{\$value}}{{\"\\n\"}}{{end}}" "$1" >"$SCRATCH/annotations"
  for map in $MAPS; do
    IFS=: read -r key arn variable <<<"$map"
    awk -v name="$ANNOTATION$OWNER" '$1 == name { for (i = 2; i <= NF; i++) print $i }' "$SCRATCH/annotations" >"$SCRATCH/$key/ours"
    awk -v name="$ANNOTATION$OWNER" -v all="$ANNOTATION" '$1 != name && index($1, all) == 1 { for (i = 2; i <= NF; i++) print $i }' \
      "$SCRATCH/annotations" >"$SCRATCH/$key/theirs"
    text=$(field "$key" "$1")
    entries "${text%.}" "$arn" >"$SCRATCH/$key/now" ||
      die "$key of aws-auth is not a list of YAML, so nothing was written: $(tail -n 1 "$SCRATCH/said"); mend it with kubectl --namespace=kube-system edit configmap aws-auth"
    merge "$key"
    entry=$(planned "$key" conflict 2 | head -n 1)
    [[ -z $entry ]] ||
      die "aws-auth maps $entry otherwise, and $OWNER did not write that: $(planned "$key" conflict 3 | head -n 1); take that entry away with kubectl --namespace=kube-system edit configmap aws-auth, or leave it out of $variable"
    left=$((left + $(grep -cE '^(keep|add)' "$SCRATCH/$key/plan" || true)))
  done
  [[ $left -gt 0 ]] || die "the map would be empty, and nobody but its creator could reach the cluster: $OWNER maps nothing, and aws-auth holds no entry of others; map a role"
}

# patch FILE: the patch that does it, as JSON, or nothing where everything is as it shall be.
patch() {
  local map key arn variable text fresh changes='' own before version
  for map in $MAPS; do
    IFS=: read -r key arn variable <<<"$map"
    grep -qE '^(drop|add)' "$SCRATCH/$key/plan" || continue
    text=$(field "$key" "$1")
    fresh=$(fresh_text "$key" "$arn" "${text%.}") ||
      die "mapAccounts of aws-auth holds what is no account: $(planned "$key" keep 3 | tr '\n' ' '); write its accounts as 12 digits in quotes with kubectl --namespace=kube-system edit configmap aws-auth"
    fresh=${fresh%.}
    changes+="${changes:+,}\"$key\":$(quoted "$fresh")"
    planned "$key" add 2 | sed 's/^/added /' >>"$SCRATCH/changes"
    planned "$key" drop 2 | sed 's/^/took away /' >>"$SCRATCH/changes"
  done
  own=$(for map in $MAPS; do planned "${map%%:*}" own 2; done | sort -u | tr '\n' ' ')
  before=$(sort -u "$SCRATCH/mapRoles/ours" | tr '\n' ' ')
  [[ -n $changes || $own != "$before" ]] || return 0
  version=$(look 'jsonpath={.metadata.resourceVersion}' "$1")
  printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"aws-auth","namespace":"kube-system"'
  # Whoever writes between our look and our write makes this one fail.
  [[ -z $version ]] || printf ',"resourceVersion":"%s"' "$version"
  printf ',"annotations":{"%s":%s}},"data":{%s}}' "$ANNOTATION$OWNER" "$([[ -n $own ]] && quoted "${own% }" || printf null)" "$changes"
}

# attempt: looks, decides and writes. OUTCOME is written, or too-late when somebody else was faster.
attempt() {
  local verb=(patch configmap aws-auth --namespace=kube-system --type=merge "--patch-file=$SCRATCH/patch.json") change
  OUTCOME=written
  if ask_patiently get --raw=/api/v1/namespaces/kube-system/configmaps/aws-auth; then
    printf '%s' "$SAID" >"$SCRATCH/now.json"
  elif [[ $REASON == missing ]]; then
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"aws-auth"}}' >"$SCRATCH/now.json"
    verb=(create "--filename=$SCRATCH/patch.json")
  else
    give_up
  fi
  : >"$SCRATCH/changes"
  plan "$SCRATCH/now.json"
  patch "$SCRATCH/now.json" >"$SCRATCH/patch.json"
  if [[ ! -s $SCRATCH/patch.json ]]; then
    log "aws-auth is as it shall be"
  elif ask "${verb[@]}"; then
    while read -r change; do log "aws-auth: $change"; done <"$SCRATCH/changes"
  elif [[ $REASON == conflict || $REASON == missing || $REASON == unreachable ]]; then
    OUTCOME=too-late
  else
    give_up
  fi
}

main() {
  local tries=0
  connect OWNER MAP_ROLES_JSON MAP_USERS_JSON MAP_ACCOUNTS_JSON
  [[ $OWNER =~ ^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$ ]] ||
    die "OWNER is '$OWNER': it names an annotation; give at most 63 letters, digits, dots, dashes, underscores, the first and last a letter or digit"
  read_wanted
  attempt
  while [[ $OUTCOME != written ]]; do
    tries=$((tries + 1))
    [[ $tries -lt 20 || $SECONDS -lt $DEADLINE ]] ||
      die "somebody else writes aws-auth all the time: $SAID; see kubectl --namespace=kube-system get configmap aws-auth --show-managed-fields"
    sleep "0.$((RANDOM % 9 + 1))"
    attempt
  done
}

main
