# shellcheck shell=bash
# An API server takes over what the version before it stored, and of no other: a minor version up at a time, never down.

program=$ROOT/usr/local/bin/kube-apiserver
if [[ -x $program ]]; then
  has=$("$program" --version) || has=
  has=${has##* v}
  if [[ $has =~ ^[0-9]+\.[0-9]+\.[0-9]+ ]]; then
    minor=${has%%-*} minor=${minor%.*}
    next=${minor%.*}.$((${minor#*.} + 1))
    [[ ${KUBERNETES_VERSION%.*} == "$minor" || ${KUBERNETES_VERSION%.*} == "$next" ]] ||
      die "Kubernetes $has cannot become $KUBERNETES_VERSION: $program; a control plane goes up one minor version at a time, so set kubernetesVersion to a $minor or a $next"
  fi
fi
