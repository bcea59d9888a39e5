"""What is plugged into a VPC: machines, NAT gateways, nodes of load balancers and so on, by their interfaces."""

import ipaddress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Port:
    interface: str
    kind: str  # "instance", "load-balancer", "nat-gateway", "control-plane" or "resolver"
    owner: str  # instance id, load balancer's ARN, id of NAT gateway, cluster or endpoint
    namespace: str
    device: str  # its name inside the namespace
    number: int  # stable while the lab runs; marks packets
    mac: str
    addresses: tuple
    subnet: str
    zone: str
    prefix: int
    gateway: str
    checks_source: bool
    public: str | None
    groups: tuple | None = field(default=None)  # None: no security group looks at it
    incarnation: int = 0  # a machine that boots anew gets a new namespace

    @property
    def link(self):
        """Its name in the router; 15 characters is the kernel's limit."""
        return "e-" + self.interface[-12:]

    @property
    def address(self):
        return self.addresses[0]

    @property
    def plug(self):
        """What cannot be changed without pulling the plug."""
        return (self.namespace, self.device, self.mac, self.addresses, self.prefix, self.gateway, self.incarnation)


class Numbers:
    """Small numbers for names, given once and kept."""

    def __init__(self):
        self.given = {}

    def of(self, name):
        return self.given.setdefault(name, len(self.given) + 1)


def ports_of(account, vpc, numbers, incarnations):
    """The ports of one VPC. incarnations: instance id -> count, for the machines that shall be plugged in."""
    subnets = {s["SubnetId"]: s for s in account["subnets"] if s["VpcId"] == vpc}
    nats = {a.get("NetworkInterfaceId"): n for n in account["nat_gateways"] for a in n.get("NatGatewayAddresses", [])}
    balancers = {"ELB " + b["LoadBalancerArn"].split(":loadbalancer/")[1]: b for b in account["load_balancers"]}
    control_planes = {c["interface"]: c for c in account["control_planes"]}
    # "Route 53 Resolver: rslvr-in-…:rni-…"
    resolvers = {f"Route 53 Resolver: {identifier}": identifier for identifier in account["resolver_endpoints"]}
    known_groups = {g["GroupId"] for g in account["groups"]}
    found = []
    for interface in account["interfaces"]:
        if interface["SubnetId"] not in subnets:
            continue
        kind, owner, checks, index = None, None, interface.get("SourceDestCheck", True), 0
        attachment = interface.get("Attachment") or {}
        instance = attachment.get("InstanceId")
        nat = nats.get(interface["NetworkInterfaceId"])
        balancer = balancers.get(interface.get("Description", ""))
        resolver = resolvers.get(interface.get("Description", "").rpartition(":")[0])
        groups = tuple(sorted(g["GroupId"] for g in interface.get("Groups", []) if g["GroupId"] in known_groups))
        if instance:
            if instance not in incarnations:
                continue
            kind, owner, index = "instance", instance, attachment.get("DeviceIndex", 0)
        elif nat:
            if nat["State"] != "available":
                continue
            kind, owner, checks, groups = "nat-gateway", nat["NatGatewayId"], False, None
        elif balancer:
            kind, owner, checks = "load-balancer", balancer["LoadBalancerArn"], False
            groups = groups or None
        elif interface["NetworkInterfaceId"] in control_planes:
            kind, owner = "control-plane", control_planes[interface["NetworkInterfaceId"]]["id"]
        elif resolver:
            kind, owner = "resolver", resolver
        else:
            continue
        subnet = subnets[interface["SubnetId"]]
        network = ipaddress.ip_network(subnet["CidrBlock"])
        listed = [row["PrivateIpAddress"] for row in interface["PrivateIpAddresses"]]
        primary = interface["PrivateIpAddress"]
        identifier = interface["NetworkInterfaceId"]
        names = {
            "instance": f"lab-{instance}",
            "nat-gateway": f"lab-nat-{identifier[-12:]}",
            "load-balancer": f"lab-nlb-{identifier[-12:]}",
            "control-plane": f"lab-eks-{identifier[-12:]}",
            "resolver": f"lab-dns-{identifier[-12:]}",
        }
        found.append(
            Port(
                interface=identifier,
                kind=kind,
                owner=owner,
                namespace=names[kind],
                device=f"ens{5 + index}",
                number=numbers.of(identifier),
                mac=interface["MacAddress"],
                addresses=tuple([primary] + sorted(a for a in listed if a != primary)),
                subnet=interface["SubnetId"],
                zone=subnet["AvailabilityZone"],
                prefix=network.prefixlen,
                gateway=str(network[1]),
                checks_source=checks,
                public=(interface.get("Association") or {}).get("PublicIp"),
                groups=groups,
                incarnation=incarnations.get(instance, 0),
            )
        )
    return sorted(found, key=lambda port: port.number)
