"""An instance and its primary interface are one thing to AWS; moto keeps two copies, which drift apart."""

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.models.subnets import Subnet


def as_bool(value):
    return value if isinstance(value, bool) else str(value).lower() == "true"


def apply():
    one_truth()
    addresses_of_subnets()
    association_or_nothing()


def one_truth():
    set_attribute = InstanceBackend.modify_instance_attribute
    set_groups = InstanceBackend.modify_instance_security_groups
    set_interface = NetworkInterfaceBackend.modify_network_interface_attribute
    prepare = Instance.prep_nics

    def modify_instance_attribute(self, instance_id, key, value):
        if key == "source_dest_check":
            value = as_bool(value)
        instance = set_attribute(self, instance_id, key, value)
        if key == "source_dest_check" and 0 in instance.nics:
            instance.nics[0].source_dest_check = value
        return instance

    def modify_instance_security_groups(self, instance_id, new_group_id_list):
        instance = set_groups(self, instance_id, new_group_id_list)
        instance.nics[0]._group_set = list(instance.security_groups)
        return instance

    def modify_network_interface_attribute(self, eni_id, group_ids, source_dest_check=None, description=None):
        if source_dest_check is not None:
            source_dest_check = as_bool(source_dest_check)
        set_interface(self, eni_id, group_ids, source_dest_check, description)
        interface = self.get_network_interface(eni_id)
        if interface.instance and interface.device_index == 0:
            interface.instance.source_dest_check = interface.source_dest_check
            interface.instance.security_groups = list(interface._group_set)

    def prep_nics(self, nic_spec, *args, **kwargs):
        for nic in nic_spec:
            # AWS deletes an interface that was made with the instance unless told otherwise.
            nic.setdefault("DeleteOnTermination", "NetworkInterfaceId" not in nic)
        prepare(self, nic_spec, *args, **kwargs)
        primary = self.nics.get(0)
        if primary:
            if not nic_spec or nic_spec[0].get("NetworkInterfaceId") is None:
                primary.delete_on_termination = nic_spec[0]["DeleteOnTermination"] if nic_spec else True
            self.security_groups = list(primary._group_set)

    InstanceBackend.modify_instance_attribute = modify_instance_attribute
    InstanceBackend.modify_instance_security_groups = modify_instance_security_groups
    NetworkInterfaceBackend.modify_network_interface_attribute = modify_network_interface_attribute
    Instance.prep_nics = prep_nics
    NetworkInterface.group_set = property(lambda self: self._group_set)


def addresses_of_subnets():
    """AWS keeps the first four addresses of a subnet and the last one, and says so; moto gives them away."""
    request = Subnet.request_ip

    def request_ip(self, ip, instance):
        hosts = list(self.cidr)
        kept = {str(host) for host in [*hosts[:4], hosts[-1]]}
        if ip in kept:
            raise EC2ClientError("InvalidParameterValue", f"Address {ip} is in subnet's reserved address range")
        try:
            request(self, ip, instance)
        except EC2ClientError:
            raise
        except Exception as error:
            if "in use" in str(error):
                raise EC2ClientError("InvalidIPAddress.InUse", f"Address {ip} is in use.") from error
            raise EC2ClientError(
                "InvalidParameterValue", f"Address {ip} does not fall within the subnet's address range"
            ) from error

    Subnet.request_ip = request_ip


def association_or_nothing():
    """An empty <association/> reads as "has a public address" to the provider."""
    association = NetworkInterface.association.fget
    NetworkInterface.association = property(lambda self: association(self) or None)
