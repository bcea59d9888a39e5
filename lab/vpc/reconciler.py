"""Brings routers, machines, load balancers and names to what the API says. Safe to run again and again."""

import pathlib

import api
import internet
import office
import resolver
from control_plane import ControlPlanes
from forwarder import Forwarders
from images import Images
from machine import Machine
from metadata import MetadataService
from ports import Numbers, ports_of
from router import Router

WANTED = {"pending": "running", "running": "running", "terminated": "gone", "shutting-down": "gone"}


class Reconciler:
    def __init__(self, settings, account, cgroups, wake):
        self.settings = settings
        self.folder = pathlib.Path(settings["state"])
        self.account = account
        self.cgroups = cgroups
        self.wake = wake
        self.numbers = Numbers()
        self.parts = {}
        self.machines, self.routers, self.metadata, self.resolvers = {}, {}, {}, {}
        self.images = Images(settings, account)
        self.forwarders = Forwarders(wake)
        self.control_planes = ControlPlanes(settings, wake)
        self.office = None
        self.last_health = None
        self.public_resolver = resolver.Resolver(
            internet.INTERNET, [internet.SERVICES], self.folder / "resolvers" / "public"
        )
        self.endpoints = resolver.Endpoints(self.folder / "resolvers")

    def apply(self, told):
        parts = self.parts = self.account.read(told["services"])
        parts["region"] = self.settings["region"]
        # Before their interfaces go.
        self.control_planes.remove_others(parts["control_planes"])
        self.apply_machines(parts, told["reboots"])
        plan = self.plan(parts)
        for vpc in set(self.routers) - set(plan):
            self.remove_vpc(vpc)
        for vpc, ports in plan.items():
            self.apply_vpc(vpc, ports)
        ports = [port for ports in plan.values() for port in ports]
        self.forwarders.apply(parts, ports)
        self.apply_names(parts, plan)
        self.control_planes.apply(parts["control_planes"], ports, parts["instances"])
        for port in ports:
            if port.kind == "instance" and port.device == "ens5":
                self.machines[port.owner].network_is_ready(port.incarnation, self.resolver_file(port.owner))
        self.apply_health()

    def apply_machines(self, parts, reboots):
        for identifier, instance in parts["instances"].items():
            wanted = WANTED.get(instance["State"]["Name"], "stopped")
            if identifier not in self.machines:
                if wanted == "gone":
                    continue
                folder = self.folder / "machines" / identifier
                image = self.images.of(instance["ImageId"])
                self.machines[identifier] = Machine(
                    identifier, folder, image, self.cgroups, self.wake, self.switched_off
                )
            self.machines[identifier].want(wanted)
            self.machines[identifier].reboot(reboots.get(identifier, 0))

    def switched_off(self, instance):
        """A machine that shuts itself down ends as its instance says."""
        asked = self.account.ec2.describe_instance_attribute(
            InstanceId=instance, Attribute="instanceInitiatedShutdownBehavior"
        )
        ends = asked["InstanceInitiatedShutdownBehavior"].get("Value") == "terminate"
        call = self.account.ec2.terminate_instances if ends else self.account.ec2.stop_instances
        call(InstanceIds=[instance])

    def plan(self, parts):
        """VPC -> its ports. The default VPC, which every account has, is nobody's."""
        incarnations = {m.instance: m.boots for m in self.machines.values() if m.plugged_in}
        used = {s["VpcId"] for s in parts["subnets"]}
        vpcs = sorted(v["VpcId"] for v in parts["vpcs"] if not v.get("IsDefault") and v["VpcId"] in used)
        return {vpc: ports_of(parts, vpc, self.numbers, incarnations) for vpc in vpcs}

    def apply_vpc(self, vpc, ports):
        if vpc not in self.routers:
            self.routers[vpc] = Router(vpc, self.numbers.of(vpc))
        router = self.routers[vpc]
        self.apply_office(vpc, router)
        if vpc in self.metadata:
            # Before the links: a machine may ask as soon as it has one.
            self.metadata[vpc].update(self.parts, ports)
        router.apply(self.parts, ports, self.numbers)
        if vpc not in self.metadata:
            # After the first round, which gives the router the addresses to listen on; no machine runs before it.
            self.metadata[vpc] = MetadataService(router.namespace, self.account)
            self.metadata[vpc].update(self.parts, ports)
            self.resolvers[vpc] = resolver.Resolver(router.namespace, router.resolvers, self.folder / "resolvers" / vpc)

    def apply_office(self, vpc, router):
        """Before the router's tables, which lead there."""
        wanted = vpc in office.attached(self.parts)
        if wanted and self.office is None:
            self.office = office.Office(self.settings)
        if self.office is not None:
            self.office.connect(self.parts, vpc, router, wanted)

    def remove_vpc(self, vpc):
        if self.office is not None:
            self.office.links.discard(vpc)
        if vpc in self.metadata:
            self.metadata.pop(vpc).stop()
            self.resolvers.pop(vpc).stop()
        self.routers.pop(vpc).remove()

    def apply_names(self, parts, plan):
        addresses = self.forwarders.addresses(parts)
        self.public_resolver.apply(*resolver.names_outside(parts, addresses))
        for vpc in plan:
            self.resolvers[vpc].apply(*resolver.names_inside(parts, vpc, plan[vpc], addresses))
        self.endpoints.apply(parts, [port for ports in plan.values() for port in ports], self.routers)

    def resolver_file(self, instance):
        """resolv.conf as the VPC's DHCP options have it."""
        identifier = self.parts["instances"][instance]["VpcId"]
        vpc = next(v for v in self.parts["vpcs"] if v["VpcId"] == identifier)
        region = self.settings["region"]
        domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
        values = {"domain-name": domain, "domain-name-servers": "AmazonProvidedDNS"}
        for options in self.parts["dhcp_options"]:
            if options["DhcpOptionsId"] == vpc.get("DhcpOptionsId"):
                for row in options["DhcpConfigurations"]:
                    values[row["Key"]] = " ".join(v["Value"] for v in row["Values"])
        own = self.routers[identifier].resolvers[0]
        servers = values["domain-name-servers"].replace("AmazonProvidedDNS", own).split()
        return f"search {values['domain-name']}\n" + "".join(f"nameserver {server}\n" for server in servers)

    def apply_health(self):
        health = self.forwarders.health(self.parts)
        if health != self.last_health:
            api.tell_health(health)
            self.last_health = health
