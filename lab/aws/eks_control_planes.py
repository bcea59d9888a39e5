"""Control planes of EKS that run: what the lab has to know to run one, and when the API may say that it is there."""

import addresses
import eks_access_entries
import sts
from moto.ec2.models import ec2_backends
from moto.eks.models import EKSBackend, eks_backends
from moto.eks.responses import EKSResponse

ADMIN = "AmazonEKSClusterAdminPolicy"
# Whether somebody runs them. Without a lab a cluster is there as soon as it is asked for.
run_by_a_lab = False


def apply():
    create = EKSResponse.create_cluster

    def create_cluster(self):
        answer = create(self)
        cluster = self.eks_backend.clusters[self._get_param("name")]
        cluster.lab_id = cluster.endpoint.split("//")[1].split(".")[0]
        cluster.lab_creator = sts.identity(self)
        cluster.lab_public = addresses.for_load_balancer()
        cluster.lab_interface = add_interface(ec2_backends[self.current_account][self.region], cluster)
        if run_by_a_lab:
            cluster.status = "CREATING"
            cluster.certificate_authority = None
        return answer

    delete = EKSBackend.delete_cluster

    def delete_cluster(self, name):
        cluster = self.clusters.get(name)
        if cluster and not cluster.nodegroups and getattr(cluster, "lab_interface", None):
            cluster.lab_interface.delete()
            cluster.lab_interface = None
        return delete(self, name)

    EKSResponse.create_cluster = create_cluster
    EKSBackend.delete_cluster = delete_cluster


def add_interface(ec2, cluster):
    """EKS has two to four of them, in the cluster's subnets."""
    network = cluster.resources_vpc_config
    subnet = ec2.get_subnet(network["subnetIds"][0])
    groups = [network["clusterSecurityGroupId"], *network.get("securityGroupIds", [])]
    address = subnet.get_available_subnet_ip(cluster)
    interface = ec2.create_network_interface(
        subnet, address, group_ids=groups, description=f"Amazon EKS {cluster.name}"
    )
    interface.requester_managed = True
    interface.requester_id = "amazon-eks"
    interface.status = "in-use"
    return interface


def describe():
    """All clusters as whoever runs them has to know them."""
    return [
        row(cluster, region)
        for account in eks_backends.values()
        for region, backend in account.items()
        for cluster in backend.clusters.values()
        if getattr(cluster, "lab_interface", None)
    ]


def row(cluster, region):
    network = cluster.resources_vpc_config
    return {
        "id": cluster.lab_id,
        "name": cluster.name,
        "region": region,
        "version": cluster.version,
        "endpoint": cluster.endpoint.removeprefix("https://"),
        "issuer": cluster.identity["oidc"]["issuer"],
        "service_cidr": cluster.kubernetes_network_config.get("serviceIpv4Cidr", "10.100.0.0/16"),
        "vpc": network["vpcId"],
        "interface": cluster.lab_interface.id,
        "private_address": cluster.lab_interface.private_ip_address,
        "public_address": cluster.lab_public,
        "private": network["endpointPrivateAccess"],
        "public_cidrs": network.get("publicAccessCidrs", []) if network["endpointPublicAccess"] else [],
        "mode": cluster.access_config["authenticationMode"],
        "entries": mappings(cluster),
        "managed_roles": sorted({group.node_role for group in cluster.nodegroups.values()}),
    }


def mappings(cluster):
    """Whom EKS lets in by itself, as the authenticator reads it."""
    wanted = {}
    if cluster.access_config.get("bootstrapClusterCreatorAdminPermissions"):
        wanted[cluster.lab_creator] = {"username": "kubernetes-admin", "groups": ["system:masters"]}
    if cluster.access_config["authenticationMode"] != "CONFIG_MAP":
        for principal, entry in eks_access_entries.entries.of(cluster).items():
            policies = eks_access_entries.policies.of(cluster).get(principal, {})
            admin = ["system:masters"] if any(arn.endswith(f"/{ADMIN}") for arn in policies) else []
            wanted[principal] = {"username": entry["username"], "groups": [*entry["kubernetesGroups"], *admin]}
    made = {"mapRoles": [], "mapUsers": []}
    for principal, mapping in wanted.items():
        kind, _, name = principal.split(":", 5)[5].partition("/")
        if kind == "user":
            made["mapUsers"].append({"userarn": principal, **mapping})
        else:
            # An identity has no path, and an access entry may name one.
            arn = f"{principal.rsplit(':', 1)[0]}:role/{name.rsplit('/', 1)[-1]}"
            made["mapRoles"].append({"rolearn": arn, **mapping})
    return made


def tell(states):
    """What became of control planes: [{"id", "certificate_authority"}] of those that answer, {"id", "failed"} of others."""
    for account in eks_backends.values():
        for backend in account.values():
            for cluster in backend.clusters.values():
                for state in states:
                    if getattr(cluster, "lab_id", None) == state["id"]:
                        became(cluster, state)


def became(cluster, state):
    if "failed" in state:
        cluster.status = "FAILED"
    else:
        cluster.certificate_authority = {"data": state["certificate_authority"]}
        cluster.status = "ACTIVE"
