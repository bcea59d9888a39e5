"""Writes report/managed-policies.json: what AWS's own policies allow that clusters give to roles, as moto ships them.

Run it in the Python environment of the lab, with a newer moto.
"""

import importlib.metadata
import json
import pathlib

from moto.iam.aws_managed_policies import aws_managed_policies_data

TABLE = pathlib.Path(__file__).parents[2] / "report" / "managed-policies.json"
NAMES = (
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEKSClusterPolicy",
    "AmazonEKSFargatePodExecutionRolePolicy",
    "AmazonEKSServicePolicy",
    "AmazonEKSVPCResourceController",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonSSMManagedInstanceCore",
)


def listed(value):
    return value if isinstance(value, list) else [value]


def policies():
    data = json.loads(aws_managed_policies_data)
    for name in NAMES:
        policy = data[name]
        statements = listed(policy["Document"]["Statement"])
        actions = {action for one in statements if one["Effect"] == "Allow" for action in listed(one["Action"])}
        yield name, {"version": policy["DefaultVersionId"], "actions": sorted(actions)}


source = f"moto {importlib.metadata.version('moto')}"
TABLE.write_text(json.dumps({"source": source, "policies": dict(policies())}, indent=2) + "\n")
