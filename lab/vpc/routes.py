"""A VPC's route tables as policy routing of its router. Pure: the API's words in, lines for ip(8) out."""

import ipaddress

LOCAL_TABLE = 100
SUBNET_TABLES = 1000
RETURN_TABLES = 100000
IGW_LINK = "igw"
VGW_LINK = "vgw"


def tunnel(number):
    """The two ends of the tunnel between the router of this number and the office."""
    pair = ipaddress.ip_address("100.65.0.0") + 2 * number
    return str(pair), str(pair + 1)


def routing(account, vpc, ports, numbers, igw_address, vgw_address=None):
    """(rules, routes): rules as text, routes as {(table, destination): text}."""
    rules = {f"pref 100 lookup {LOCAL_TABLE}", "pref 30000 blackhole"}
    routes = {}
    by_interface = {port.interface: port for port in ports}
    by_instance = {port.owner: port for port in reversed(ports) if port.kind == "instance"}
    by_nat = {port.owner: port for port in ports if port.kind == "nat-gateway"}
    for port in ports:
        rules.add(f"pref 1000 iif {port.link} lookup {SUBNET_TABLES + numbers.of(port.subnet)}")
        for address in port.addresses:
            routes[(LOCAL_TABLE, f"{address}/32")] = f"dev {port.link} scope link"
        if port.kind == "load-balancer":
            # Answers to a client whose address was kept go back through the load balancer, whatever the routes say.
            rules.add(f"pref 50 fwmark {port.number} lookup {RETURN_TABLES + port.number}")
            routes[(RETURN_TABLES + port.number, "0.0.0.0/0")] = via(port)
    for subnet in account["subnets"]:
        if subnet["VpcId"] != vpc:
            continue
        table = SUBNET_TABLES + numbers.of(subnet["SubnetId"])
        for route in table_of(account, vpc, subnet["SubnetId"]).get("Routes", []):
            destination = route.get("DestinationCidrBlock")
            if not destination or ipaddress.ip_network(destination).version != 4:
                continue
            gateway = route.get("GatewayId") or ""
            port = (
                by_interface.get(route.get("NetworkInterfaceId"))
                or by_instance.get(route.get("InstanceId"))
                or by_nat.get(route.get("NatGatewayId"))
            )
            if port:
                routes[(table, destination)] = via(port)
            elif gateway.startswith("igw-") and igw_address:
                routes[(table, destination)] = f"via {igw_address} dev {IGW_LINK} onlink"
            elif gateway.startswith("vgw-") and vgw_address:
                routes[(table, destination)] = f"via {vgw_address} dev {VGW_LINK} onlink"
            else:
                # "local": live addresses matched in the table before. Else: what it leads to is gone or stopped.
                routes[(table, destination)] = "blackhole"
    return rules, routes


def via(port):
    return f"via {port.address} dev {port.link} onlink"


def table_of(account, vpc, subnet):
    """The table a subnet uses: its own, or else the VPC's main one."""
    tables = [t for t in account["route_tables"] if t["VpcId"] == vpc]
    for table in tables:
        if any(a.get("SubnetId") == subnet for a in table.get("Associations", [])):
            return table
    for table in tables:
        if any(a.get("Main") for a in table.get("Associations", [])):
            return table
    return {}


def line(action, key, text):
    """One line for ip -batch."""
    table, destination = key
    if text == "blackhole":
        return f"route {action} blackhole {destination} table {table}"
    return f"route {action} {destination} {text} table {table}"
