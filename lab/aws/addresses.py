"""Public addresses of the lab: from ranges that nobody on the real internet owns, so the routers can carry them."""

import ipaddress

from moto.ec2.models import ec2_backends, elastic_ip_addresses, elastic_network_interfaces

INSTANCES = ipaddress.ip_network("198.51.100.0/24")
LOAD_BALANCERS = ipaddress.ip_network("203.0.113.0/24")

last_given = {}


def in_use():
    """Every public address that some interface or allocation holds, in any account and region."""
    taken = set()
    for account in ec2_backends.values():
        for backend in account.values():
            taken.update(interface.public_ip for interface in backend.enis.values())
            taken.update(address.public_ip for address in backend.addresses)
    return taken


def next_free(network):
    # Round robin: an address that was just given back is not given to another machine at once.
    taken = in_use()
    hosts = [str(host) for host in network.hosts()]
    start = last_given.get(network, -1) + 1
    for step in range(len(hosts)):
        index = (start + step) % len(hosts)
        if hosts[index] not in taken:
            last_given[network] = index
            return hosts[index]
    raise RuntimeError(f"all {len(hosts)} public addresses of {network} are in use")


def for_instance():
    return next_free(INSTANCES)


def for_load_balancer():
    return next_free(LOAD_BALANCERS)


def apply():
    elastic_ip_addresses.random_ip = for_instance
    elastic_network_interfaces.random_public_ip = for_instance
