# shellcheck shell=bash
# Waits for what comes up beside each other once the API answers.

# Their own certificates are ones that they make for themselves at each start, so there is none to check them against.
answers=(curl --silent --show-error --fail --insecure --noproxy '*' --max-time 5 --output /dev/null)
comes_up kube-controller-manager 60 "${answers[@]}" https://127.0.0.1:10257/healthz
comes_up kube-scheduler 60 "${answers[@]}" https://127.0.0.1:10259/healthz
