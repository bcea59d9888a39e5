"""Access entries: who comes in by EKS's own list, and with which rights."""

from moto.core.responses import ActionResult, EmptyResult

import eks_records as records

entries = records.Records("access entry")
policies = records.Records("access policies")
NODES = {"EC2_LINUX": ["system:nodes"], "EC2_WINDOWS": ["system:nodes"], "FARGATE_LINUX": ["system:nodes"]}


def apply():
    records.calls(
        create_access_entry,
        describe_access_entry,
        update_access_entry,
        list_access_entries,
        delete_access_entry,
        associate_access_policy,
        list_associated_access_policies,
        disassociate_access_policy,
    )
    # A principal's ARN has slashes of its own.
    entry = "access-entries/(?P<principalArn>arn:[^/]+/[^?]+)"
    records.route("access-entries", entry, f"{entry}/access-policies", f"{entry}/access-policies/(?P<policyArn>arn:.+)")


def create_access_entry(self):
    cluster = records.cluster_of(self)
    if cluster.access_config["authenticationMode"] == "CONFIG_MAP":
        records.refuse("The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
    principal, kind = records.text(self, "principalArn"), self._get_param("type") or "STANDARD"
    entry = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "kubernetesGroups": NODES.get(kind) or self._get_param("kubernetesGroups") or [],
        "accessEntryArn": records.arn(self, "access-entry", f"{principal.split(':')[5]}/{records.unique()}"),
        "createdAt": records.now(),
        "modifiedAt": records.now(),
        "tags": self._get_param("tags") or {},
        "username": self._get_param("username") or ("system:node:{{EC2PrivateDNSName}}" if kind in NODES else principal),
        "type": kind,
    }
    return ActionResult({"accessEntry": entries.add(self, principal, entry)})


def describe_access_entry(self):
    return ActionResult({"accessEntry": entries.get(self, records.text(self, "principalArn"))})


def update_access_entry(self):
    entry = entries.get(self, records.text(self, "principalArn"))
    for field in ("kubernetesGroups", "username"):
        if self._get_param(field) is not None:
            entry[field] = self._get_param(field)
    return ActionResult({"accessEntry": entry})


def list_access_entries(self):
    return ActionResult({"accessEntries": list(entries.of(records.cluster_of(self)))})


def delete_access_entry(self):
    principal = records.text(self, "principalArn")
    entries.take(self, principal)
    policies.of(records.cluster_of(self)).pop(principal, None)
    return EmptyResult()


def associated(call):
    principal = records.text(call, "principalArn")
    entries.get(call, principal)
    return principal, policies.of(records.cluster_of(call)).setdefault(principal, {})


def associate_access_policy(self):
    principal, found = associated(self)
    policy = {
        "policyArn": self._get_param("policyArn"),
        "accessScope": {"namespaces": [], **self._get_param("accessScope")},
        "associatedAt": records.now(),
        "modifiedAt": records.now(),
    }
    found[policy["policyArn"]] = policy
    answer = {"clusterName": self._get_param("name"), "principalArn": principal, "associatedAccessPolicy": policy}
    return ActionResult(answer)


def list_associated_access_policies(self):
    principal, found = associated(self)
    answer = {"clusterName": self._get_param("name"), "principalArn": principal}
    return ActionResult({**answer, "associatedAccessPolicies": list(found.values())})


def disassociate_access_policy(self):
    associated(self)[1].pop(records.text(self, "policyArn"), None)
    return EmptyResult()
