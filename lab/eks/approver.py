"""Approves the serving certificates of kubelets, as EKS does for nodes that it knows."""

import json
import time

from api_server import ApiServer

REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
SIGNER = "kubernetes.io/kubelet-serving"


def approve(pki, goes_on):
    """Until goes_on says no."""
    while goes_on():
        try:
            # Begins with those that are there.
            for line in ApiServer(pki, timeout=60).open(f"{REQUESTS}?watch=true&timeoutSeconds=50"):
                consider(pki, json.loads(line))
        except (OSError, ValueError):
            time.sleep(0.5)


def consider(pki, event):
    request = event.get("object", {})
    if event.get("type") not in ("ADDED", "MODIFIED") or request.get("status", {}).get("conditions"):
        return
    asked = request["spec"]
    if asked["signerName"] != SIGNER or "system:nodes" not in asked.get("groups", []):
        return
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    condition = {"type": "Approved", "status": "True", "reason": "Node", "message": "a node's own", "lastUpdateTime": now}
    request["status"] = {**request.get("status", {}), "conditions": [condition]}
    ApiServer(pki).ask(f"{REQUESTS}/{request['metadata']['name']}/approval", "PUT", request)
