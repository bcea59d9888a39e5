"""DNS: a dnsmasq for each VPC, for each address of its endpoints and for the internet, told names through a watched folder."""

import os
import pathlib
import subprocess

from internet import MIRROR, SERVICES

DNSMASQ = (
    "dnsmasq --keep-in-foreground --no-resolv --no-hosts --cache-size=0 --local-ttl=5"
    " --user=root --group=root --bind-interfaces --pid-file="
)
# Unknown names are answered "no such name" at once: there is nobody else to ask.
NOBODY_ELSE = "address=/#/"


class Resolver:
    def __init__(self, namespace, listens, folder):
        self.namespace = namespace
        self.listens = listens
        self.folder = pathlib.Path(folder)
        self.process = None
        self.hosts = None
        self.records = None
        (self.folder / "hosts").mkdir(parents=True, exist_ok=True)

    def apply(self, hosts, records):
        """hosts: [(name, address)]. records: dnsmasq lines for everything that is not an address."""
        text = "".join(f"{address} {name}\n" for name, address in hosts)
        if text != self.hosts:
            # dnsmasq sees a rename at once, but would read half a file that is being written.
            fresh = self.folder / "hosts.new"
            fresh.write_text(text, encoding="ascii")
            os.replace(fresh, self.folder / "hosts" / "names")
            self.hosts = text
        if records != self.records or self.process.poll() is not None:
            self.stop()
            configuration = self.folder / "dnsmasq.conf"
            configuration.write_text("\n".join(records) + "\n", encoding="ascii")
            self.process = subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{self.namespace}", *DNSMASQ.split()]
                + [f"--conf-file={configuration}", f"--hostsdir={self.folder / 'hosts'}"]
                + [f"--listen-address={address}" for address in self.listens],
                stdin=subprocess.DEVNULL,
            )
            self.records = records

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(5)


class Endpoints:
    """Addresses of Route 53 Resolver: inbound ones ask the VPC's resolver, outbound ones are asked by it."""

    def __init__(self, folder):
        self.folder = folder
        self.resolvers = {}

    def apply(self, account, ports, routers):
        live = {port.interface: port for port in ports if port.kind == "resolver"}
        for interface in set(self.resolvers) - set(live):
            self.resolvers.pop(interface).stop()
        for interface, port in live.items():
            if interface not in self.resolvers:
                self.resolvers[interface] = Resolver(port.namespace, [port.address], self.folder / interface)
            endpoint = account["resolver_endpoints"][port.owner]
            if endpoint["Direction"] == "INBOUND":
                servers = [f"server={routers[endpoint['HostVPCId']].resolvers[0]}"]
            else:
                servers = [
                    server(rule["DomainName"], f"{target['Ip']}#{target.get('Port', 53)}")
                    for rule in account["forwarding"]
                    if rule["ResolverEndpointId"] == port.owner
                    for target in rule["TargetIps"]
                ]
            self.resolvers[interface].apply([], servers)


def server(domain, address):
    """Whom dnsmasq asks for names of a domain; "." is every domain."""
    name = domain.rstrip(".")
    return f"server=/{name}/{address}" if name else f"server={address}"


def names_inside(account, vpc, ports, balancer_addresses):
    """(hosts, records) as the resolver of one VPC answers."""
    hosts = []
    for instance in account["instances"].values():
        if instance.get("VpcId") == vpc and instance.get("PrivateIpAddress"):
            names = (instance.get("PrivateDnsName"), instance.get("PublicDnsName"))
            hosts += [(name, instance["PrivateIpAddress"]) for name in names if name]
    hosts += balancer_names(account, balancer_addresses)
    hosts += [(c["endpoint"], address_of(c, vpc)) for c in account["control_planes"]]
    hosts += aws_names(account)
    zones = [z for z in account["zones"] if vpc in z["vpcs"] or not z["private"]]
    rules = [rule for rule in account["forwarding"] if vpc in rule["vpcs"]]
    forwarded = [
        server(rule["DomainName"], port.address)
        for rule in rules
        for port in ports
        if port.owner == rule["ResolverEndpointId"]
    ]
    hosts, records = with_zones(hosts, zones)
    everything = any(rule["DomainName"].strip(".") == "" for rule in rules)
    return hosts, records + forwarded + ([] if everything else [NOBODY_ELSE])


def names_outside(account, balancer_addresses):
    hosts = []
    for instance in account["instances"].values():
        if instance.get("PublicDnsName") and instance.get("PublicIpAddress"):
            hosts.append((instance["PublicDnsName"], instance["PublicIpAddress"]))
    hosts += balancer_names(account, balancer_addresses)
    hosts += [(c["endpoint"], address_of(c)) for c in account["control_planes"]]
    hosts += aws_names(account)
    hosts, records = with_zones(hosts, [z for z in account["zones"] if not z["private"]])
    return hosts, [*records, NOBODY_ELSE]


def aws_names(account):
    """The API by AWS's own names, where signatures or certificates name it, or machines know no other."""
    services = ("sts", "logs", "api.ecr", "123456789012.dkr.ecr")
    return [(f"{service}.{account['region']}.amazonaws.com", SERVICES) for service in services]


def address_of(cluster, vpc=None):
    """Of an endpoint of EKS, as one VPC or, without one, everybody else finds it."""
    inside = cluster["private"] and (vpc == cluster["vpc"] or not cluster["public_cidrs"])
    return cluster["private_address" if inside else "public_address"]


def balancer_names(account, addresses):
    """The same everywhere: public addresses of those that face the internet, private ones of the others."""
    return [
        (balancer["DNSName"], address)
        for balancer in account["load_balancers"]
        for address in addresses.get(balancer["LoadBalancerArn"], [])
    ]


def with_zones(hosts, zones):
    hosts = [*hosts, ("mirror.lab", MIRROR)]
    records = [f"local=/{zone['name'].rstrip('.')}/" for zone in zones]
    for zone in zones:
        for record in zone["records"]:
            name, kind = record["Name"].rstrip(".").replace("\\052", "*"), record["Type"]
            values = [row["Value"] for row in record.get("ResourceRecords", [])]
            alias = record.get("AliasTarget")
            if alias and kind == "A":
                target = alias["DNSName"].rstrip(".").lower().removeprefix("dualstack.")
                hosts += [(name, address) for known, address in hosts if known.lower() == target]
            elif kind == "A" and name.startswith("*."):
                records += [f"address=/{name[2:]}/{value}" for value in values]
            elif kind == "A":
                hosts += [(name, value) for value in values]
            elif kind == "CNAME":
                records += [f"cname={name},{value.rstrip('.')}" for value in values]
            elif kind == "SRV":
                for value in values:
                    priority, weight, port, target = value.split()
                    records.append(f"srv-host={name},{target.rstrip('.')},{port},{priority},{weight}")
            elif kind == "TXT":
                records += [f"txt-record={name},{value.strip(chr(34))}" for value in values]
            elif kind == "PTR":
                records += [f"ptr-record={name},{value.rstrip('.')}" for value in values]
    return hosts, records
