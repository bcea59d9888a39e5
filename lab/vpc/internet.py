"""The public internet of the lab, and its operator: one namespace without a way to the real one."""

import os
import pathlib

import namespaces

INTERNET = "lab-internet"
OPERATOR = "198.18.0.1"
# The AWS API and the public resolver.
SERVICES = "198.18.0.2"
MIRROR = "198.18.0.10"
RESOLVER_FILE = pathlib.Path("/etc/netns/lab-internet/resolv.conf")


def make():
    namespaces.add(INTERNET, namespaces.ROUTER_SETTINGS)
    namespaces.ip_batch(INTERNET, [f"addr add {address}/32 dev lo" for address in (OPERATOR, SERVICES, MIRROR)])
    RESOLVER_FILE.parent.mkdir(parents=True, exist_ok=True)
    RESOLVER_FILE.write_text(f"nameserver {SERVICES}\n", encoding="ascii")


def move_in():
    """The lab's own processes live on its internet, so they reach the API and nothing of the host's network."""
    namespaces.enter(INTERNET)
    os.environ.pop("http_proxy", None)
