"""Add-ons of EKS, and which versions of them there are. moto has none."""

from moto.core.responses import ActionResult
from moto.eks.urls import response, url_paths

import eks_records as records

# One of each is enough for what asks; these were on EKS in 2026.
VERSIONS = {
    "vpc-cni": "v1.21.1-eksbuild.1",
    "coredns": "v1.13.1-eksbuild.1",
    "eks-pod-identity-agent": "v1.3.10-eksbuild.2",
    "aws-ebs-csi-driver": "v1.54.0-eksbuild.1",
}
addons = records.Records("addon")


def apply():
    records.calls(create_addon, describe_addon, delete_addon, update_addon, list_addons, describe_addon_versions)
    records.route("addons", "addons/(?P<addonName>[^/]+)", "addons/(?P<addonName>[^/]+)/update")
    url_paths["{0}/addons/supported-versions$"] = response.dispatch


def default_version(name, kubernetes):
    return f"v{kubernetes}.2-eksbuild.2" if name == "kube-proxy" else VERSIONS.get(name)


def create_addon(self):
    cluster, name = records.cluster_of(self), self._get_param("addonName")
    version = default_version(name, cluster.version)
    if version is None:
        records.refuse(f"Addon {name} specified is not supported in {cluster.version} kubernetes version")
    addon = {
        "addonName": name,
        "clusterName": cluster.name,
        "status": "ACTIVE",
        "addonVersion": self._get_param("addonVersion") or version,
        "health": {"issues": []},
        "addonArn": records.arn(self, "addon", f"{name}/{records.unique()}"),
        "createdAt": records.now(),
        "modifiedAt": records.now(),
        "tags": self._get_param("tags") or {},
    }
    for field in ("serviceAccountRoleArn", "configurationValues"):
        if self._get_param(field):
            addon[field] = self._get_param(field)
    identities = self._get_param("podIdentityAssociations") or []
    if identities:
        addon["podIdentityAssociations"] = [associate(self, name, identity) for identity in identities]
    return ActionResult({"addon": addons.add(self, name, addon)})


def associate(self, name, identity):
    import eks_pod_identities

    return eks_pod_identities.associate(self, "kube-system", identity["serviceAccount"], identity["roleArn"], name)


def describe_addon(self):
    return ActionResult({"addon": addons.get(self, self._get_param("addonName"))})


def list_addons(self):
    return ActionResult({"addons": list(addons.of(records.cluster_of(self)))})


def delete_addon(self):
    addon = addons.take(self, self._get_param("addonName"))
    for association in addon.get("podIdentityAssociations", []):
        import eks_pod_identities

        eks_pod_identities.associations.take(self, association.rsplit("/", 1)[-1])
    return ActionResult({"addon": {**addon, "status": "DELETING"}})


def update_addon(self):
    from eks_clusters import done

    addon = addons.get(self, self._get_param("addonName"))
    for field in ("addonVersion", "serviceAccountRoleArn", "configurationValues"):
        if self._get_param(field) is not None:
            addon[field] = self._get_param(field)
    return ActionResult({"update": done("AddonUpdate")})


def describe_addon_versions(self):
    name, kubernetes = self._get_param("addonName"), self._get_param("kubernetesVersion")
    version = default_version(name, kubernetes)
    if version is None:
        return ActionResult({"addons": []})
    compatible = [{"clusterVersion": kubernetes, "defaultVersion": True, "platformVersions": ["*"]}]
    found = {"addonVersion": version, "architecture": ["amd64", "arm64"], "compatibilities": compatible}
    return ActionResult({"addons": [{"addonName": name, "type": "networking", "addonVersions": [found]}]})
