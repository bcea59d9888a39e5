"""Network load balancers: an interface in each subnet and names as on AWS, and target health that was measured."""

import addresses
from moto.elbv2 import models
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeLoadBalancer, FakeTargetGroup

# Told by the lab's forwarders: (target group, target) -> state.
measured = {}


def tell(health):
    for row in health:
        measured[(row["targetGroup"], row["target"])] = row["state"]


class Zone:
    """What DescribeLoadBalancers says of one subnet."""

    def __init__(self, load_balancer, subnet):
        self.subnet_id = subnet.id
        self.zone_name = subnet.availability_zone
        mapping = load_balancer.subnet_mappings.get(subnet.id, {})
        address = {key: mapping[key] for key in ("PrivateIPv4Address", "AllocationId") if mapping.get(key)}
        if address.get("AllocationId"):
            address["IpAddress"] = load_balancer.interfaces[subnet.id].public_ip
        self.load_balancer_addresses = [address] if address else []


def add_interface(backend, load_balancer, subnet):
    """Gives the load balancer its node in one subnet."""
    ec2 = backend.ec2_backend
    mapping = load_balancer.subnet_mappings.get(subnet.id, {})
    private = mapping.get("PrivateIPv4Address")
    if private:
        subnet.request_ip(private, load_balancer)
    else:
        private = subnet.get_available_subnet_ip(load_balancer)
    interface = ec2.create_network_interface(
        subnet,
        private,
        group_ids=load_balancer.security_groups or [],
        description="ELB " + load_balancer.arn.split(":loadbalancer/")[1],
    )
    interface.interface_type = "network_load_balancer"
    interface.requester_managed = True
    interface.requester_id = "amazon-elb"
    interface.status = "in-use"
    interface.source_dest_check = False
    interface.delete_on_termination = True
    if not load_balancer.security_groups:
        interface._group_set = []
    if load_balancer.scheme == "internet-facing":
        allocation = mapping.get("AllocationId")
        if allocation:
            ec2.associate_address(eni=interface, allocation_id=allocation)
        else:
            interface.public_ip = addresses.for_load_balancer()
    load_balancer.interfaces[subnet.id] = interface


def remove_interface(backend, load_balancer, subnet_id):
    interface = load_balancer.interfaces.pop(subnet_id)
    for address in backend.ec2_backend.addresses:
        if address.eni is interface:
            backend.ec2_backend.disassociate_address(association_id=address.association_id)
    interface.delete()


def apply():
    make_arn = models.make_arn_for_load_balancer
    create = ELBv2Backend.create_load_balancer
    delete = ELBv2Backend.delete_load_balancer
    set_groups = ELBv2Backend.set_security_groups
    set_subnets = ELBv2Backend.set_subnets
    initialize_group = FakeTargetGroup.__init__
    modify_group = ELBv2Backend.modify_target_group

    def create_load_balancer(self, *args, **kwargs):
        kind = {"network": "net", "gateway": "gwy"}.get(kwargs.get("loadbalancer_type"), "app")
        models.make_arn_for_load_balancer = lambda **parts: make_arn(**parts).replace("/app/", f"/{kind}/", 1)
        load_balancer = create(self, *args, **kwargs)
        load_balancer.scheme = load_balancer.scheme or "internet-facing"
        load_balancer.subnet_mappings = {
            mapping["SubnetId"]: mapping for mapping in kwargs.get("subnet_mappings") or []
        }
        load_balancer.interfaces = {}
        if load_balancer.type == "network":
            label = load_balancer.arn.rsplit("/", 1)[1]
            load_balancer.dns_name = f"{load_balancer.name}-{label}.elb.{self.region_name}.amazonaws.com"
            for subnet in load_balancer.subnets:
                add_interface(self, load_balancer, subnet)
        return load_balancer

    def delete_load_balancer(self, arn):
        load_balancer = self.load_balancers.get(arn)
        delete(self, arn)
        for subnet_id in list(load_balancer.interfaces) if load_balancer else []:
            remove_interface(self, load_balancer, subnet_id)

    def set_security_groups(self, arn, sec_groups):
        set_groups(self, arn, sec_groups)
        for interface in self.load_balancers[arn].interfaces.values():
            interface._group_set = [self.ec2_backend.get_security_group_from_id(group) for group in sec_groups]

    def set_load_balancer_subnets(self, arn, subnets, subnet_mappings):
        load_balancer = self.load_balancers.get(arn)
        zones = set_subnets(self, arn, subnets, subnet_mappings)
        if load_balancer.type == "network":
            load_balancer.subnet_mappings = {mapping["SubnetId"]: mapping for mapping in subnet_mappings}
            wanted = {subnet.id: subnet for subnet in load_balancer.subnets}
            for subnet_id in set(load_balancer.interfaces) - set(wanted):
                remove_interface(self, load_balancer, subnet_id)
            for subnet_id in set(wanted) - set(load_balancer.interfaces):
                add_interface(self, load_balancer, wanted[subnet_id])
        return zones

    def target_group(self, *args, **kwargs):
        initialize_group(self, *args, **kwargs)
        if self.protocol in ("TCP", "UDP", "TCP_UDP", "TLS"):
            # The attributes and defaults of a network load balancer's group, which moto leaves out.
            preserves = self.target_type == "instance" or self.protocol in ("UDP", "TCP_UDP")
            if not kwargs.get("matcher") and self.health_check_protocol in ("HTTP", "HTTPS"):
                self.matcher = {"HttpCode": "200-399"}
            self.attributes["preserve_client_ip.enabled"] = "true" if preserves else "false"
            self.attributes["proxy_protocol_v2.enabled"] = "false"
            self.attributes["deregistration_delay.connection_termination.enabled"] = "false"
            for name in ("load_balancing.algorithm.type", "slow_start.duration_seconds", "waf.fail_open.enabled"):
                self.attributes.pop(name, None)

    def modify_target_group(self, arn, *args, **kwargs):
        group = modify_group(self, arn, *args, **kwargs)
        codes = args[7] if len(args) > 7 else kwargs.get("http_codes")
        if group.health_check_protocol in ("HTTP", "HTTPS"):
            # moto looks at the protocol of the traffic, which is TCP, and drops the codes.
            group.matcher = {"HttpCode": codes or getattr(group, "matcher", {}).get("HttpCode", "200-399")}
        return group

    def health_for(self, target, ec2_backend):
        status = plain_health(self, target, ec2_backend)
        if status.status != "healthy" or self.protocol not in ("TCP", "UDP", "TCP_UDP", "TLS"):
            return status
        state = measured.get((self.arn, f"{status.instance_id}:{status.port}"), "initial")
        reason = {
            "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
            "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
            "unused": ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"),
        }.get(state, (None, None))
        return FakeHealthStatus(status.instance_id, status.port, status.health_check_port, state, *reason)

    plain_health = FakeTargetGroup.health_for
    ELBv2Backend.create_load_balancer = create_load_balancer
    ELBv2Backend.delete_load_balancer = delete_load_balancer
    ELBv2Backend.set_security_groups = set_security_groups
    ELBv2Backend.set_subnets = set_load_balancer_subnets
    ELBv2Backend.modify_target_group = modify_target_group
    FakeTargetGroup.__init__ = target_group
    FakeTargetGroup.health_for = health_for
    FakeLoadBalancer.availability_zones = property(
        lambda self: [
            Zone(self, subnet) if hasattr(self, "interfaces") else models.AvailabilityZone(subnet)
            for subnet in self.subnets
        ]
    )
