"""A VPC's security groups, source/destination checks and address translation as one nftables table. Pure."""

from routes import IGW_LINK, VGW_LINK

METADATA_MARKS = 0x10000
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp"}


def ruleset(groups, ports, resolvers):
    """groups: the API's security groups. resolvers: addresses of the VPC's own DNS."""
    lines = ["table inet vpc", "delete table inet vpc", "table inet vpc {"]
    checked = [quoted(port.link) for port in ports if port.checks_source]
    add_set(lines, "checked", "ifname", checked)
    owned = [f"{quoted(port.link)} . {address}" for port in ports for address in port.addresses]
    add_set(lines, "owned", "ifname . ipv4_addr", owned)
    public = {port.public: port.address for port in ports if port.public}
    add_set(lines, "published", "ipv4_addr", public.values())
    for group in groups:
        add_group(lines, group, ports)
    for port in ports:
        for direction in ("in", "out"):
            lines.append(f"  chain {direction}_{port.link} {{")
            if port.groups is None:
                lines.append("    accept")
            else:
                lines += [f"    jump {direction}_{group}" for group in port.groups] + ["    counter drop"]
            lines.append("  }")
    lines += translation(public) + marks(ports) + hooks(ports, resolvers) + ["}"]
    return "\n".join(lines) + "\n"


def quoted(text):
    return f'"{text}"'


def add_set(lines, name, kind, elements):
    listed = ", ".join(dict.fromkeys(elements))
    lines.append(f"  set {name} {{ type {kind}; " + (f"elements = {{ {listed} }}; " if listed else "") + "}")


def add_group(lines, group, ports):
    identifier = group["GroupId"]
    members = [port for port in ports if port.groups and identifier in port.groups]
    add_set(lines, f"m_{identifier}", "ipv4_addr", [a for port in members for a in port.addresses])
    # A load balancer that keeps the client's address is recognised by where the packet comes from.
    add_set(lines, f"n_{identifier}", "ifname", [quoted(p.link) for p in members if p.kind == "load-balancer"])
    for direction, key in (("in", "IpPermissions"), ("out", "IpPermissionsEgress")):
        lines.append(f"  chain {direction}_{identifier} {{")
        lines += [f"    {rule}" for permission in group[key] for rule in accepts(permission, direction)]
        lines.append("  }")


def accepts(permission, direction):
    """The accept rules of one permission."""
    side, link = ("saddr", "iifname") if direction == "in" else ("daddr", "oifname")
    what = matched_traffic(permission)
    if what is None:
        return []
    rules = []
    for row in permission.get("IpRanges", []):
        cidr = row["CidrIp"]
        rules.append(("" if cidr == "0.0.0.0/0" else f"ip {side} {cidr} ") + what + "accept")
    for row in permission.get("UserIdGroupPairs", []):
        rules.append(f"ip {side} @m_{row['GroupId']} {what}accept")
        rules.append(f"{link} @n_{row['GroupId']} {what}accept")
    return rules


def matched_traffic(permission):
    """The protocol part of a rule, or None for what is not IPv4."""
    protocol = str(permission["IpProtocol"]).lower()
    protocol = PROTOCOLS.get(protocol, protocol)
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if protocol == "-1":
        return "meta nfproto ipv4 "
    if protocol in ("icmpv6", "58"):
        return None
    if protocol in ("tcp", "udp"):
        if first in (None, -1) or (first, last) == (0, 65535):
            return f"meta l4proto {protocol} "
        return f"{protocol} dport {first} " if first == last else f"{protocol} dport {first}-{last} "
    if protocol == "icmp" and first not in (None, -1):
        return f"icmp type {first} " + (f"icmp code {last} " if last not in (None, -1) else "")
    return f"meta l4proto {protocol} "


def translation(public):
    """The internet gateway: one to one between public and private addresses."""
    if not public:
        return []
    inward = ", ".join(f"{outer} : {inner}" for outer, inner in public.items())
    outward = ", ".join(f"{inner} : {outer}" for outer, inner in public.items())
    return [
        "  chain from_internet { type nat hook prerouting priority dstnat;",
        f'    iifname "{IGW_LINK}" dnat ip to ip daddr map {{ {inward} }}',
        "  }",
        "  chain to_internet { type nat hook postrouting priority srcnat;",
        f'    oifname "{IGW_LINK}" snat ip to ip saddr map {{ {outward} }}',
        "  }",
    ]


def marks(ports):
    lines = ["  chain mark_flows { type filter hook prerouting priority mangle;"]
    for port in ports:
        if port.kind == "load-balancer":
            own = ", ".join(port.addresses)
            lines.append(f'    iifname "{port.link}" ip saddr != {{ {own} }} ct state new ct mark set {port.number}')
    lines += ["    ct direction reply ct mark != 0 meta mark set ct mark", "  }"]
    machines = ", ".join(f"{quoted(p.link)} : {METADATA_MARKS + p.number}" for p in ports if p.kind == "instance")
    if machines:
        # The metadata service learns from the mark which interface asks.
        lines += [
            "  chain mark_metadata { type filter hook prerouting priority -140;",
            f"    ip daddr 169.254.169.254 tcp dport 80 meta mark set iifname map {{ {machines} }}",
            "  }",
        ]
    return lines


def hooks(ports, resolvers):
    def chains(direction):
        rows = [f"{quoted(p.link)} : goto {direction}_{p.link}" for p in ports]
        rows += [f"{quoted(link)} : accept" for link in (IGW_LINK, VGW_LINK)]
        return ", ".join(rows)

    return [
        # Spoofed or forwarded packets of a machine whose check is on.
        "  chain check_source { type filter hook prerouting priority raw;",
        "    iifname @checked iifname . ip saddr != @owned counter drop",
        "  }",
        # Two chains on one hook: a packet passes only if its sender's and its receiver's groups both accept.
        "  chain leaving { type filter hook forward priority 0; policy drop;",
        "    ct state established,related accept",
        f"    iifname vmap {{ {chains('out')} }}",
        "  }",
        "  chain arriving { type filter hook forward priority 10; policy drop;",
        "    oifname @checked oifname . ip daddr != @owned counter drop",
        f'    oifname "{IGW_LINK}" ip saddr != @published ct status & snat == 0 counter drop',
        "    ct state established,related accept",
        f"    oifname vmap {{ {chains('in')} }}",
        "  }",
        # No group stands between a machine and its resolver or metadata.
        "  chain to_router { type filter hook input priority 0; policy drop;",
        '    iifname "lo" accept',
        "    ct state established,related accept",
        f"    ip daddr {{ {', '.join(resolvers)} }} meta l4proto {{ tcp, udp }} th dport 53 accept",
        "    ip daddr 169.254.169.254 tcp dport 80 accept",
        "  }",
        # AWS's router is not a hop; it tells nobody that it is there, except about the size of packets.
        "  chain from_router { type filter hook output priority 0; policy accept;",
        "    icmp type { time-exceeded, redirect } drop",
        "    icmp type destination-unreachable icmp code != 4 drop",
        "  }",
    ]
