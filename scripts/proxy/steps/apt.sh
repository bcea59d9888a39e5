# shellcheck shell=bash
# apt reads no variables when the machine updates itself. Exceptions are names: it knows neither blocks nor domains.

# shellcheck source=/dev/null
. "$ROOT/etc/kubernetes/proxy.env"
mode=0644
# shellcheck disable=SC2154 # http_proxy, https_proxy and no_proxy, from proxy.env
[[ $http_proxy$https_proxy != *@* ]] || mode=0600
{
  printf 'Acquire::http::Proxy "%s";\nAcquire::https::Proxy "%s";\n' "$http_proxy" "$https_proxy"
  # shellcheck disable=SC2154
  tr ',' '\n' <<<"$no_proxy" | { grep -E '^[A-Za-z0-9][A-Za-z0-9.-]*$' || true; } | while read -r name; do
    printf 'Acquire::http::Proxy::%s "DIRECT";\nAcquire::https::Proxy::%s "DIRECT";\n' "$name" "$name"
  done
} | put "$mode" /etc/apt/apt.conf.d/30kubernetes-proxy
