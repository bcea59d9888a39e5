"""What the API says now, read through the API."""

import api
import boto3

EC2_CALLS = {
    "vpcs": ("describe_vpcs", "Vpcs"),
    "subnets": ("describe_subnets", "Subnets"),
    "route_tables": ("describe_route_tables", "RouteTables"),
    "groups": ("describe_security_groups", "SecurityGroups"),
    "interfaces": ("describe_network_interfaces", "NetworkInterfaces"),
    "reservations": ("describe_instances", "Reservations"),
    "nat_gateways": ("describe_nat_gateways", "NatGateways"),
    "internet_gateways": ("describe_internet_gateways", "InternetGateways"),
    "vpn_gateways": ("describe_vpn_gateways", "VpnGateways"),
    "dhcp_options": ("describe_dhcp_options", "DhcpOptions"),
}


class Account:
    """Reads the account; only the services that changed are read again."""

    def __init__(self, endpoint, region):
        options = {
            "endpoint_url": endpoint,
            "region_name": region,
            "aws_access_key_id": "lab",
            "aws_secret_access_key": "lab",
        }
        self.ec2 = boto3.client("ec2", **options)
        self.elb = boto3.client("elbv2", **options)
        self.route53 = boto3.client("route53", **options)
        self.route53resolver = boto3.client("route53resolver", **options)
        self.iam = boto3.client("iam", **options)
        self.sts = boto3.client("sts", **options)
        self.parts = {}
        self.read_at = {}

    def read(self, services):
        """services: service -> generation of its last change, as the gate tells."""
        # A load balancer makes interfaces, a scaling group machines: what one service does shows in another.
        readers = {
            self.read_ec2: ("ec2", "elasticloadbalancing", "autoscaling", "eks", "route53resolver"),
            self.read_load_balancers: ("elasticloadbalancing", "autoscaling"),
            self.read_zones: ("route53",),
            self.read_forwarding: ("route53resolver",),
            self.read_control_planes: ("eks",),
        }
        for reader, causes in readers.items():
            changed = max(services.get(service, 0) for service in causes)
            if self.read_at.get(reader.__name__) != changed:
                self.parts.update(reader())
                self.read_at[reader.__name__] = changed
        return self.parts

    def read_ec2(self):
        answers = {name: getattr(self.ec2, call)()[key] for name, (call, key) in EC2_CALLS.items()}
        answers["instances"] = {i["InstanceId"]: i for r in answers.pop("reservations") for i in r["Instances"]}
        return answers

    def read_control_planes(self):
        return {"control_planes": api.control_planes()}

    def read_load_balancers(self):
        balancers = [b for b in self.elb.describe_load_balancers()["LoadBalancers"] if b["Type"] == "network"]
        groups = {}
        if balancers:
            for group in self.elb.describe_target_groups()["TargetGroups"]:
                arn = group["TargetGroupArn"]
                group["Attributes"] = pairs(self.elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"])
                health = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
                group["Targets"] = [row["Target"] for row in health]
                groups[arn] = group
        for balancer in balancers:
            arn = balancer["LoadBalancerArn"]
            balancer["Listeners"] = self.elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
            balancer["Attributes"] = pairs(
                self.elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
            )
        return {"load_balancers": balancers, "target_groups": groups}

    def read_zones(self):
        zones = []
        for zone in self.route53.list_hosted_zones()["HostedZones"]:
            records = self.route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
            private = zone.get("Config", {}).get("PrivateZone", False)
            vpcs = self.route53.get_hosted_zone(Id=zone["Id"]).get("VPCs", []) if private else []
            zones.append(
                {"name": zone["Name"], "private": private, "vpcs": {v["VPCId"] for v in vpcs}, "records": records}
            )
        return {"zones": zones}

    def read_forwarding(self):
        endpoints = self.route53resolver.list_resolver_endpoints()["ResolverEndpoints"]
        rules = self.route53resolver.list_resolver_rules()["ResolverRules"]
        associations = self.route53resolver.list_resolver_rule_associations()["ResolverRuleAssociations"]
        for rule in rules:
            rule["vpcs"] = {row["VPCId"] for row in associations if row["ResolverRuleId"] == rule["Id"]}
        return {
            "resolver_endpoints": {row["Id"]: row for row in endpoints},
            "forwarding": [rule for rule in rules if rule["RuleType"] == "FORWARD"],
        }


def pairs(attributes):
    return {row["Key"]: row.get("Value") for row in attributes}
