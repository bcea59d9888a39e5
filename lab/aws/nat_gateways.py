"""NAT gateways: moto gives them an address outside their subnet."""

from moto.ec2.models import nat_gateways
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend


def apply():
    initialize = NatGateway.__init__
    delete = NatGatewayBackend.delete_nat_gateway

    def gateway(self, backend, subnet_id, *args, **kwargs):
        subnet = backend.get_subnet(subnet_id)
        # The constructor asks for "a private address" by this name; it gets one of the subnet, reserved for it.
        nat_gateways.random_private_ip = lambda: subnet.get_available_subnet_ip(self)
        initialize(self, backend, subnet_id, *args, **kwargs)
        self._eni.interface_type = "nat_gateway"
        self._eni.description = f"Interface for NAT Gateway {self.id}"
        self._eni.requester_managed = True
        self._eni.status = "in-use"
        self._eni.source_dest_check = False
        self._eni._group_set = []

    def delete_nat_gateway(self, nat_gateway_id):
        removed = delete(self, nat_gateway_id)
        for address in self.addresses:
            if address.eni is removed._eni:
                self.disassociate_address(association_id=address.association_id)
        if removed._eni.id in self.enis:
            removed._eni.delete()
        return removed

    NatGateway.__init__ = gateway
    NatGatewayBackend.delete_nat_gateway = delete_nat_gateway
