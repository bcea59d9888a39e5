# shellcheck shell=bash
# A unit and no pod: it is on controllers too, tells of a node that takes no pods, and the instance's role is out of pods' reach.

folder 0700 /var/lib/otelcol
put 0644 /etc/otelcol/config.yaml <"$HERE/config/otelcol.yaml"
keep_environment
service otelcol /usr/local/bin/otelcol-contrib /etc/otelcol/config.yaml /etc/kubernetes/logs.env /etc/kubernetes/proxy.env
comes_up otelcol 60 curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null http://127.0.0.1:13133/
log "logs go to $LOG_GROUP at $LOGS_ENDPOINT, signed for $AWS_REGION"
