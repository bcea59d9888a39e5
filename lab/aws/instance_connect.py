"""Endpoints of EC2 Instance Connect, as far as they are made, read and taken away: nobody connects through them."""

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response
from moto.moto_api._internal import mock_random


def apply():
    for call in (
        create_instance_connect_endpoint,
        describe_instance_connect_endpoints,
        delete_instance_connect_endpoint,
    ):
        setattr(EC2Response, call.__name__, call)


def endpoints(call):
    return call.ec2_backend.__dict__.setdefault("lab_instance_connect_endpoints", {})


def create_instance_connect_endpoint(self):
    subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
    key = f"eice-{mock_random.get_random_hex(17)}"
    tags = self._parse_tag_specification().get("instance-connect-endpoint", {})
    endpoint = {
        "OwnerId": self.current_account,
        "InstanceConnectEndpointId": key,
        "InstanceConnectEndpointArn": f"arn:{self.partition}:ec2:{self.region}:{self.current_account}:instance-connect-endpoint/{key}",
        "State": "create-complete",
        "DnsName": f"{key}.{mock_random.get_random_hex(8)}.ec2-instance-connect-endpoint.{self.region}.amazonaws.com",
        "NetworkInterfaceIds": [],
        "VpcId": subnet.vpc_id,
        "AvailabilityZone": subnet.availability_zone,
        "CreatedAt": utcnow(),
        "SubnetId": subnet.id,
        "PreserveClientIp": str(self._get_param("PreserveClientIp")).lower() == "true",
        "SecurityGroupIds": self._get_param("SecurityGroupIds", []),
        "Tags": [{"Key": name, "Value": value} for name, value in tags.items()],
    }
    endpoints(self)[key] = endpoint
    return ActionResult({"InstanceConnectEndpoint": endpoint})


def describe_instance_connect_endpoints(self):
    found, keys = endpoints(self), self._get_param("InstanceConnectEndpointIds", [])
    missing = [key for key in keys if key not in found]
    if missing:
        raise EC2ClientError("InvalidInstanceConnectEndpointId.NotFound", f"The endpoint {missing[0]} does not exist")
    return ActionResult({"InstanceConnectEndpoints": [found[key] for key in keys] or list(found.values())})


def delete_instance_connect_endpoint(self):
    endpoint = endpoints(self).pop(self._get_param("InstanceConnectEndpointId"))
    return ActionResult({"InstanceConnectEndpoint": {**endpoint, "State": "delete-complete"}})
