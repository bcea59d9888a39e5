"""Answers that the AWS provider reads back and finds changed, although nobody changed them."""

from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses.dhcp_options import DHCPOptions
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.responses.transit_gateway_attachments import TransitGatewayAttachment
from moto.route53.responses import Route53


def apply():
    private_zones()
    tags_of_dhcp_options()
    tags_of_launch_templates()
    descriptions_of_rules()
    transit_gateway_attachments()


def private_zones():
    """The provider sends a VPC and leaves PrivateZone out; AWS infers it."""
    get_bool = Route53._get_bool_param

    def get_bool_param(self, name, if_none=None):
        if name == "HostedZoneConfig.PrivateZone" and self._get_param("VPC.VPCId"):
            return True
        return get_bool(self, name, if_none)

    Route53._get_bool_param = get_bool_param


def tags_of_dhcp_options():
    create = DHCPOptions.create_dhcp_options

    def create_dhcp_options(self):
        answer = create(self)
        tags = self._parse_tag_specification().get("dhcp-options", {})
        if tags:
            answer.result["DhcpOptions"].add_tags(tags)
        return answer

    DHCPOptions.create_dhcp_options = create_dhcp_options


def tags_of_launch_templates():
    """A template's own tags are not tags of the instances that it makes."""
    create = LaunchTemplates.create_launch_template

    def create_launch_template(self):
        backend = self.ec2_backend
        make = backend.create_launch_template

        def without_own_tags(name, description, data, tag_spec):
            specifications = data.get("TagSpecifications", [])
            kept = [row for row in specifications if row.get("ResourceType") != "launch-template"]
            data.pop("TagSpecifications", None)
            if kept:
                data["TagSpecifications"] = kept
            return make(name, description, data, tag_spec)

        backend.create_launch_template = without_own_tags
        try:
            return create(self)
        finally:
            del backend.create_launch_template

    LaunchTemplates.create_launch_template = create_launch_template


def descriptions_of_rules():
    """A rule that names a group keeps its description beside the group's id."""

    def description(self):
        return self.ip_range.get("Description") or self.source_group.get("Description")

    SecurityGroupRule.description = property(description)


def transit_gateway_attachments():
    """Tags of one, and what is said of one that is gone: AWS goes on telling of it, as deleted."""
    create = TransitGatewayAttachment.create_transit_gateway_vpc_attachment
    delete = EC2Backend.delete_transit_gateway_vpc_attachment

    def create_transit_gateway_vpc_attachment(self):
        answer = create(self)
        tags = self._parse_tag_specification().get("transit-gateway-attachment", {})
        if tags:
            answer.result["TransitGatewayVpcAttachment"].add_tags(tags)
        return answer

    def delete_transit_gateway_vpc_attachment(self, transit_gateway_attachment_id):
        gone = delete(self, transit_gateway_attachment_id)
        self.transit_gateway_attachments[transit_gateway_attachment_id] = gone
        return gone

    TransitGatewayAttachment.create_transit_gateway_vpc_attachment = create_transit_gateway_vpc_attachment
    EC2Backend.delete_transit_gateway_vpc_attachment = delete_transit_gateway_vpc_attachment
