"""Takes nodes away whose instance is gone, as EKS's cloud controller does."""

import http.client
import time

from api_server import ApiServer

NODES = "/api/v1/nodes"
GONE = ("shutting-down", "terminated")
# node-monitor-period of Kubernetes, by default.
SECONDS = 5


def follow(pki, instances, goes_on):
    """Until goes_on says no; `instances` gives those of the account by their ids."""
    while goes_on():
        try:
            for node in ApiServer(pki).ask(NODES)[1]["items"]:
                consider(pki, node, instances())
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            # The API server is away, or only coming up: the next round asks again.
            pass
        time.sleep(SECONDS)


def consider(pki, node, instances):
    provider = node["spec"].get("providerID")
    instance = instances.get((provider or "").rsplit("/", 1)[-1])
    gone = provider and (instance is None or instance["State"]["Name"] in GONE)
    # As upstream: a node that is Ready has a machine, whatever the cloud says.
    if gone and not is_ready(node):
        ApiServer(pki).ask(f"{NODES}/{node['metadata']['name']}", "DELETE")


def is_ready(node):
    return any(row["type"] == "Ready" and row["status"] == "True" for row in node["status"].get("conditions", []))
