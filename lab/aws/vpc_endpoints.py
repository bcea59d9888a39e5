"""VPC endpoints: moto reads filters by a name they no longer have, and gives endpoints addresses outside their subnets."""

from moto.ec2.models import vpcs
from moto.ec2.models.vpcs import VPCBackend


def apply():
    filtered = VPCBackend._filter_endpoint_services
    create = VPCBackend.create_vpc_endpoint

    def filter_endpoint_services(service_names, filters, services):
        for row in filters or []:
            row.setdefault("Value", row.get("Values", []))
        return filtered(service_names, filters, services)

    def create_vpc_endpoint(self, *args, **kwargs):
        wanted = iter(kwargs.get("subnet_ids") or [])
        # It asks for an address for each subnet in turn, by this name.
        vpcs.random_private_ip = lambda: self.get_subnet(next(wanted)).get_available_subnet_ip(self)
        return create(self, *args, **kwargs)

    VPCBackend._filter_endpoint_services = staticmethod(filter_endpoint_services)
    VPCBackend.create_vpc_endpoint = create_vpc_endpoint
