"""Associations of EKS Pod Identity: which role a service account gets."""

from moto.core.responses import ActionResult

import eks_records as records

associations = records.Records("association")


def apply():
    records.calls(
        create_pod_identity_association,
        describe_pod_identity_association,
        update_pod_identity_association,
        list_pod_identity_associations,
        delete_pod_identity_association,
    )
    records.route("pod-identity-associations", "pod-identity-associations/(?P<associationId>[^/]+)")


def associate(call, namespace, service_account, role, owner=None):
    key = "a-" + records.unique().replace("-", "")[:17]
    association = {
        "clusterName": records.cluster_of(call).name,
        "namespace": namespace,
        "serviceAccount": service_account,
        "roleArn": role,
        "associationArn": records.arn(call, "podidentityassociation", key),
        "associationId": key,
        "tags": {} if owner else call._get_param("tags") or {},
        "createdAt": records.now(),
        "modifiedAt": records.now(),
    }
    if owner:
        association["ownerArn"] = owner
    return associations.add(call, key, association)["associationArn"]


def create_pod_identity_association(self):
    made = associate(
        self, self._get_param("namespace"), self._get_param("serviceAccount"), self._get_param("roleArn")
    )
    return ActionResult({"association": associations.get(self, made.rsplit("/", 1)[-1])})


def describe_pod_identity_association(self):
    return ActionResult({"association": associations.get(self, self._get_param("associationId"))})


def update_pod_identity_association(self):
    found = associations.get(self, self._get_param("associationId"))
    found["roleArn"] = self._get_param("roleArn") or found["roleArn"]
    return ActionResult({"association": found})


def list_pod_identity_associations(self):
    return ActionResult({"associations": list(associations.of(records.cluster_of(self)).values())})


def delete_pod_identity_association(self):
    return ActionResult({"association": associations.take(self, self._get_param("associationId"))})
