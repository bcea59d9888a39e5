"""The lab's own words with its AWS API: what changed, and what the load balancers found."""

import json
import time
import urllib.request

import internet

PORT = 5000
URL = f"http://{internet.SERVICES}:{PORT}"
START_SECONDS = 60


def generation(after=None, timeout=5):
    """The API's state of change; with `after`, only once there is a newer one or half a minute has passed."""
    query = "" if after is None else f"?after={after}"
    with urllib.request.urlopen(f"{URL}/lab/generation{query}", timeout=timeout) as answer:
        return json.load(answer)


def wait_until_up(process, log):
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return generation()
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the AWS API does not answer ({error}); see {log}") from error
            time.sleep(0.05)


def changes(known, process):
    """Yields each newer generation, at once; ends with the API's process."""
    while process.poll() is None:
        try:
            told = generation(known, timeout=60)
        except OSError as error:
            print(f"listening to the API: {error}", flush=True)
            time.sleep(0.5)
            continue
        if told["generation"] != known:
            known = told["generation"]
            yield told


def tell_health(rows):
    tell("health", rows)


def tell_control_planes(rows):
    tell("control-planes", rows)


def control_planes():
    with urllib.request.urlopen(f"{URL}/lab/control-planes", timeout=10) as answer:
        return json.load(answer)


def tell(what, rows):
    body = json.dumps(rows).encode()
    request = urllib.request.Request(f"{URL}/lab/{what}", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()
