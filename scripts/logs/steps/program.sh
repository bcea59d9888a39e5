# shellcheck shell=bash
# The OpenTelemetry Collector. Its publisher keeps the sums of a release in a file of its own name.

sum=$OTELCOL_SHA256
[[ -n $sum ]] || sum=$(published_sum "$OTELCOL_URL" "${OTELCOL_URL%/*}/opentelemetry-collector-releases_otelcol-contrib_checksums.txt")
archive otelcol "$OTELCOL_URL" "$sum" "$OTELCOL_VERSION" /usr/local/bin otelcol-contrib
