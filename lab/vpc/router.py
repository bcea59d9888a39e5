"""The router of one VPC: a network namespace that is brought, step by step, to what the API says."""

import ipaddress

import firewall
import namespaces
import office
import routes
from internet import INTERNET, OPERATOR

RESOLVER = "169.254.169.253"
METADATA = "169.254.169.254"
# A jumbo frame, as EC2 gives; the smaller one is what the internet carries.
VPC_MTU = 9001
INTERNET_MTU = 1500


class Router:
    def __init__(self, vpc, number):
        self.vpc = vpc
        self.namespace = "lab-" + vpc[-8:]
        self.number = number
        self.outer_link = "igw-" + vpc[-8:]
        pair = ipaddress.ip_address("100.64.0.0") + 2 * number
        self.inner_address, self.outer_address = str(pair), str(pair + 1)
        self.ports = {}
        self.routes = {}
        self.rules = set()
        self.local_addresses = set()
        self.published = set()
        self.has_igw = False
        self.text = None
        # What this router says of a packet's size comes back to it, when a NAT gateway passes it on to its machine.
        own = {"ipv4/tcp_fwmark_accept": 1, "ipv4/conf/all/accept_local": 1}
        namespaces.add(self.namespace, {**namespaces.ROUTER_SETTINGS, **own})
        # AWS's router takes nothing off a packet's time to live; this one gives back what it took.
        namespaces.run(
            ["nsenter", f"--net=/run/netns/{self.namespace}"]
            + "iptables-legacy -t mangle -A PREROUTING -i e-+ -j TTL --ttl-inc 1".split()
        )

    def apply(self, account, ports, numbers):
        """Makes the namespace what these ports and the account's tables ask for."""
        self.apply_igw(
            any(self.vpc == a["VpcId"] for g in account["internet_gateways"] for a in g.get("Attachments", []))
        )
        self.apply_local_addresses(account)
        self.remove_ports(ports)
        # Before the links: a port without its groups' rules would be a moment of open doors.
        groups = [group for group in account["groups"] if group.get("VpcId") == self.vpc]
        self.apply_rules(groups, ports)
        self.add_ports(ports)
        rules, wanted = routes.routing(
            account,
            self.vpc,
            ports,
            numbers,
            self.outer_address if self.has_igw else None,
            routes.tunnel(self.number)[1] if self.vpc in office.attached(account) else None,
        )
        self.apply_routing(rules, wanted)
        self.publish({port.public for port in ports if port.public} if self.has_igw else set())

    def apply_igw(self, wanted):
        if wanted and not self.has_igw:
            namespaces.run(
                f"ip link add {routes.IGW_LINK} netns {self.namespace} mtu {INTERNET_MTU} type veth"
                f" peer name {self.outer_link} netns {INTERNET} mtu {INTERNET_MTU}".split()
            )
            namespaces.ip_batch(
                self.namespace,
                [f"addr add {self.inner_address}/31 dev {routes.IGW_LINK}", f"link set {routes.IGW_LINK} up"],
            )
            namespaces.ip_batch(
                INTERNET, [f"addr add {self.outer_address}/31 dev {self.outer_link}", f"link set {self.outer_link} up"]
            )
        elif self.has_igw and not wanted:
            self.publish(set())
            namespaces.ip_batch(self.namespace, [f"link del {routes.IGW_LINK}"])
            self.forget(routes.IGW_LINK)
        self.has_igw = wanted

    def forget(self, link):
        """The kernel forgets the routes with the link."""
        self.routes = {key: text for key, text in self.routes.items() if f"dev {link} " not in text + " "}

    def apply_local_addresses(self, account):
        """The router's own addresses: each subnet's first, the resolver's and the metadata service's."""
        cidr = next(v["CidrBlock"] for v in account["vpcs"] if v["VpcId"] == self.vpc)
        self.resolvers = [str(ipaddress.ip_network(cidr)[2]), RESOLVER]
        wanted = {*self.resolvers, METADATA}
        wanted |= {str(ipaddress.ip_network(s["CidrBlock"])[1]) for s in account["subnets"] if s["VpcId"] == self.vpc}
        changes = [f"addr del {a}/32 dev lo" for a in self.local_addresses - wanted]
        changes += [f"addr add {a}/32 dev lo" for a in wanted - self.local_addresses]
        namespaces.ip_batch(self.namespace, changes)
        self.local_addresses = wanted

    def remove_ports(self, ports):
        wanted = {port.interface: port for port in ports}
        for identifier, port in list(self.ports.items()):
            new = wanted.get(identifier)
            if new and new.plug == port.plug:
                self.ports[identifier] = new
                continue
            namespaces.ip_batch(self.namespace, [f"link del {port.link}"])
            if port.kind != "instance" or not any(p.owner == port.owner and p is not port for p in self.ports.values()):
                namespaces.remove(port.namespace)
            # And the neighbour with it.
            self.forget(port.link)
            del self.ports[identifier]

    def add_ports(self, ports):
        for port in ports:
            if port.interface not in self.ports:
                if not namespaces.exists(port.namespace):
                    namespaces.add(port.namespace, None if port.kind == "instance" else namespaces.ROUTER_SETTINGS)
                self.plug_in(port)
                if port.kind == "nat-gateway":
                    namespaces.load_rules(port.namespace, NAT_GATEWAY)
                self.ports[port.interface] = port

    def plug_in(self, port):
        namespaces.run(
            f"ip link add {port.link} netns {self.namespace} mtu {VPC_MTU} type veth"
            f" peer name {port.device} netns {port.namespace} mtu {VPC_MTU} address {port.mac}".split()
        )
        namespaces.set_system(
            self.namespace,
            {
                f"ipv4/conf/{port.link}/proxy_arp": 1,
                f"ipv4/conf/{port.link}/rp_filter": 0,
                # The default delays the first answer by up to 0.8 s.
                f"ipv4/neigh/{port.link}/proxy_delay": 0,
            },
        )
        namespaces.ip_batch(
            self.namespace,
            [f"link set {port.link} up"]
            + [f"neigh replace {a} lladdr {port.mac} dev {port.link} nud permanent" for a in port.addresses],
        )
        namespaces.ip_batch(
            port.namespace,
            [f"link set {port.device} up"]
            + [f"addr add {a}/{port.prefix} dev {port.device}" for a in port.addresses]
            + ([f"route add default via {port.gateway}"] if port.device == "ens5" else []),
        )

    def apply_rules(self, groups, ports):
        text = firewall.ruleset(groups, ports, self.resolvers)
        if text != self.text:
            namespaces.load_rules(self.namespace, text)
            self.text = text

    def apply_routing(self, rules, wanted):
        changes = [f"rule del {rule}" for rule in self.rules - rules] + [
            f"rule add {rule}" for rule in rules - self.rules
        ]
        for key, text in self.routes.items():
            if key not in wanted:
                changes.append(routes.line("del", key, text))
        for key, text in wanted.items():
            if self.routes.get(key) != text:
                changes.append(routes.line("replace", key, text))
        namespaces.ip_batch(self.namespace, changes)
        self.rules, self.routes = rules, wanted

    def publish(self, addresses):
        """Tells the internet the way to this VPC's public addresses."""
        changes = [f"route del {a}/32 dev {self.outer_link}" for a in self.published - addresses]
        changes += [
            f"route add {a}/32 via {self.inner_address} dev {self.outer_link} src {OPERATOR}"
            for a in addresses - self.published
        ]
        namespaces.ip_batch(INTERNET, changes)
        self.published = addresses

    def remove(self):
        for port in self.ports.values():
            namespaces.remove(port.namespace)
        namespaces.remove(self.namespace)


NAT_GATEWAY = """table ip gateway {
  chain hide { type nat hook postrouting priority srcnat;
    masquerade
  }
  chain only_answers { type filter hook input priority 0; policy drop;
    ct state established,related accept
  }
}
"""
