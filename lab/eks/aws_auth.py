"""The entries that EKS itself writes into aws-auth: of managed nodes, where it has no access entries for them."""

import yaml
from api_server import ApiServer

MAPS = "/api/v1/namespaces/kube-system/configmaps"


def admit(pki, roles):
    """Adds what is missing, and leaves the rest; another's write between look and write means to look again."""
    while True:
        status, found = ApiServer(pki).ask(f"{MAPS}/aws-auth")
        if status == 404:
            found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth"}, "data": {}}
        entries = yaml.safe_load(found.get("data", {}).get("mapRoles", "")) or []
        missing = [role for role in map(without_path, roles) if not any(entry.get("rolearn") == role for entry in entries)]
        if not missing:
            return
        entries += [
            {
                "groups": ["system:bootstrappers", "system:nodes"],
                "rolearn": role,
                "username": "system:node:{{EC2PrivateDNSName}}",
            }
            for role in missing
        ]
        found.setdefault("data", {})["mapRoles"] = yaml.safe_dump(entries)
        target = (MAPS, "POST") if status == 404 else (f"{MAPS}/aws-auth", "PUT")
        if ApiServer(pki).ask(*target, found)[0] < 300:
            return


def without_path(role):
    return f"{role.split('/', 1)[0]}/{role.rsplit('/', 1)[1]}"
