"""A health check: asks one target from one node, as often as the target group says."""

import http.client
import socket
import ssl
import threading

import namespaces

# No check at all would let a target in that does not answer; a new one is asked at once and often, as AWS does.
FIRST_INTERVAL_SECONDS = 1


class Checker:
    """state: "initial" until the first verdict, then "healthy" or "unhealthy"."""

    def __init__(self, namespace, source, settings, changed):
        self.settings = settings
        self.source = source
        self.state = "initial"
        self.reason = "not asked yet"
        self.changed = changed
        self.stopped = threading.Event()
        threading.Thread(target=self.body, args=(namespace,), daemon=True).start()

    def stop(self):
        self.stopped.set()

    def body(self, namespace):
        try:
            namespaces.enter(namespace)
        except OSError as error:
            # The node went away between being wanted and being asked; its successor has its own checker.
            self.reason = str(error)
            return
        *_, interval, _timeout, healthy_after, unhealthy_after = self.settings
        good = bad = 0
        while not self.stopped.is_set():
            works = self.ask()
            good, bad = (good + 1, 0) if works else (0, bad + 1)
            if self.stopped.is_set():
                return
            # A target that is new needs one good answer; one that failed needs as many as were asked for.
            needed = 1 if self.state == "initial" else int(healthy_after)
            if works and self.state != "healthy" and good >= needed:
                self.tell("healthy")
            elif not works and self.state != "unhealthy" and bad >= int(unhealthy_after):
                self.tell("unhealthy")
            self.stopped.wait(min(FIRST_INTERVAL_SECONDS, int(interval)) if self.state == "initial" else int(interval))

    def tell(self, state):
        self.state = state
        self.changed()

    def ask(self):
        address, port, protocol, path, codes, _interval, timeout, *_ = self.settings
        try:
            if protocol not in ("HTTP", "HTTPS"):
                socket.create_connection((address, port), timeout=int(timeout), source_address=(self.source, 0)).close()
                self.reason = "connected"
                return True
            options = {"timeout": int(timeout), "source_address": (self.source, 0)}
            if protocol == "HTTPS":
                # As AWS: a target's certificate is not looked at.
                options["context"] = ssl._create_unverified_context()
                connection = http.client.HTTPSConnection(address, port, **options)
            else:
                connection = http.client.HTTPConnection(address, port, **options)
            connection.request("GET", path, headers={"User-Agent": "ELB-HealthChecker/2.0"})
            status = connection.getresponse().status
            connection.close()
            self.reason = f"answered {status}"
            return matches(status, codes)
        except (OSError, http.client.HTTPException) as error:
            self.reason = f"{type(error).__name__}: {error}"
            return False


def matches(status, codes):
    """codes: "200", "200-399" or "200,202"."""
    for part in codes.split(","):
        first, _, last = part.partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
