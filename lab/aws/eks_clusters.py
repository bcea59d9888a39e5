"""Clusters of EKS: what the provider reads back and moto forgets, and the security group that EKS makes for each."""

import base64
import datetime
import secrets

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse

import eks_records as records

AUTHENTICATION_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")


def apply():
    creation()
    deletion()
    changes()


def creation():
    create = EKSResponse.create_cluster

    def create_cluster(self):
        answer = create(self)
        cluster = self.eks_backend.clusters[self._get_param("name")]
        identity = secrets.token_hex(16).upper()
        cluster.endpoint = f"https://{identity}.gr7.{self.region}.eks.amazonaws.com"
        cluster.identity = {"oidc": {"issuer": f"https://oidc.eks.{self.region}.amazonaws.com/id/{identity}"}}
        cluster.certificate_authority = {"data": base64.b64encode(certificate_authority()).decode()}
        access = self._get_param("accessConfig") or {}
        cluster.access_config = {
            "authenticationMode": access.get("authenticationMode", "CONFIG_MAP"),
            "bootstrapClusterCreatorAdminPermissions": access.get("bootstrapClusterCreatorAdminPermissions", True),
        }
        cluster.upgrade_policy = self._get_param("upgradePolicy") or {"supportType": "EXTENDED"}
        network = cluster.resources_vpc_config
        network.setdefault("endpointPublicAccess", True)
        network.setdefault("endpointPrivateAccess", False)
        if network["endpointPublicAccess"]:
            network.setdefault("publicAccessCidrs", ["0.0.0.0/0"])
        ec2 = ec2_backends[self.current_account][self.region]
        network["vpcId"] = ec2.get_subnet(network["subnetIds"][0]).vpc_id
        group = ec2.create_security_group(
            f"eks-cluster-sg-{cluster.name}",
            "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes.",
            vpc_id=network["vpcId"],
            tags={f"kubernetes.io/cluster/{cluster.name}": "owned"},
        )
        network["clusterSecurityGroupId"] = group.id
        return answer

    EKSResponse.create_cluster = create_cluster


def certificate_authority():
    """As EKS makes one for each cluster; that no key of it is kept means that nobody answers at the endpoint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubernetes")])
    now = records.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def deletion():
    delete = EKSBackend.delete_cluster

    def delete_cluster(self, name):
        cluster = delete(self, name)
        ec2_backends[self.account_id][self.region_name].delete_security_group(
            group_id=cluster.resources_vpc_config["clusterSecurityGroupId"]
        )
        return cluster

    EKSBackend.delete_cluster = delete_cluster


def changes():
    """A change of one setting leaves the others, and is an update with an id, which is asked for until it is done."""

    def update_cluster_config(self):
        cluster = records.cluster_of(self)
        cluster.resources_vpc_config.update(self._get_param("resourcesVpcConfig") or {})
        cluster.logging = self._get_param("logging") or cluster.logging
        access = self._get_param("accessConfig")
        if access:
            before, after = cluster.access_config["authenticationMode"], access["authenticationMode"]
            if AUTHENTICATION_MODES.index(after) < AUTHENTICATION_MODES.index(before):
                records.refuse(f"Unsupported authentication mode update from {before} to {after}")
            cluster.access_config["authenticationMode"] = after
        cluster.upgrade_policy = self._get_param("upgradePolicy") or cluster.upgrade_policy
        return ActionResult({"update": done("ConfigUpdate")})

    def update_cluster_version(self):
        records.cluster_of(self).version = self._get_param("version")
        return ActionResult({"update": done("VersionUpdate")})

    def describe_update(self):
        return ActionResult({"update": {**done("ConfigUpdate"), "id": self._get_param("updateId")}})

    records.calls(update_cluster_config, update_cluster_version, describe_update)
    records.route("updates", "updates/(?P<updateId>[^/]+)")


def done(kind):
    return {
        "id": records.unique(),
        "status": "Successful",
        "type": kind,
        "params": [],
        "createdAt": records.now(),
        "errors": [],
    }
