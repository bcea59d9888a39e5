"""A network load balancer's nodes: flows are forwarded by the kernel, to targets that passed their health checks."""

import namespaces
from health import Checker

LAYER_4 = {"TCP": ("tcp",), "TLS": ("tcp",), "UDP": ("udp",), "TCP_UDP": ("tcp", "udp")}


class Forwarders:
    """All nodes of all load balancers."""

    def __init__(self, wake):
        self.wake = wake
        self.nodes = {}

    def apply(self, account, ports):
        """Brings rules and checkers to what the API says."""
        machines = {p.owner: (p.address, p.zone) for p in reversed(ports) if p.kind == "instance"}
        balancers = {b["LoadBalancerArn"]: b for b in account["load_balancers"]}
        live = {p.interface: p for p in ports if p.kind == "load-balancer"}
        for identifier in set(self.nodes) - set(live):
            self.nodes.pop(identifier).stop()
        for identifier, port in live.items():
            node = self.nodes.get(identifier)
            if node and node.port.plug != port.plug:
                self.nodes.pop(identifier).stop()
                node = None
            if not node:
                node = self.nodes[identifier] = Node(port, self.wake)
            node.port = port
            node.apply(balancers[port.owner], account["target_groups"], machines)

    def addresses(self, account):
        """Load balancer -> addresses of its name: of nodes that have a healthy target, or of all if none has one."""
        answer = {}
        for balancer in account["load_balancers"]:
            nodes = [node for node in self.nodes.values() if node.port.owner == balancer["LoadBalancerArn"]]
            chosen = [node for node in nodes if node.has_healthy()] or nodes
            public = balancer["Scheme"] == "internet-facing"
            found = [node.port.public if public else node.port.address for node in chosen]
            answer[balancer["LoadBalancerArn"]] = sorted(address for address in found if address)
        return answer

    def health(self, account):
        """What DescribeTargetHealth shall say: a target is as healthy as its best node finds it."""
        rows = []
        for arn, group in account["target_groups"].items():
            for target in group["Targets"]:
                found = [s for node in self.nodes.values() if (s := node.state(arn, key_of(target))) is not None]
                state = next((s for s in ("healthy", "initial", "unhealthy") if s in found), "unused")
                rows.append({"targetGroup": arn, "target": key_of(target), "state": state})
        return rows


def key_of(target):
    return f"{target['Id']}:{target['Port']}"


class Node:
    """One load balancer in one subnet."""

    def __init__(self, port, wake):
        self.port = port
        self.wake = wake
        self.text = None
        self.checkers = {}

    def stop(self):
        for checker in self.checkers.values():
            checker.stop()

    def state(self, group, target):
        checker = self.checkers.get((group, target))
        return checker.state if checker else None

    def has_healthy(self):
        return any(checker.state == "healthy" for checker in self.checkers.values())

    def apply(self, balancer, groups, machines):
        listeners = [(row, groups[arn]) for row in balancer["Listeners"] if (arn := group_of(row)) in groups]
        wanted = {}
        for _, group in listeners:
            for target in group["Targets"]:
                address, zone = where(target, machines)
                if address and self.serves(zone, balancer, group):
                    wanted[(group["TargetGroupArn"], key_of(target))] = (group, address, int(target["Port"]))
        for key, checker in list(self.checkers.items()):
            if key not in wanted or checker.settings != settings_of(*wanted[key]):
                checker.stop()
                del self.checkers[key]
        for key, target in wanted.items():
            if key not in self.checkers:
                self.checkers[key] = Checker(self.port.namespace, self.port.address, settings_of(*target), self.wake)
        text = self.ruleset(listeners, wanted)
        if text != self.text:
            namespaces.load_rules(self.port.namespace, text)
            self.text = text

    def serves(self, zone, balancer, group):
        own = group["Attributes"].get("load_balancing.cross_zone.enabled", "use_load_balancer_configuration")
        if own == "use_load_balancer_configuration":
            own = balancer["Attributes"].get("load_balancing.cross_zone.enabled", "false")
        return own == "true" or zone in (None, self.port.zone)

    def ruleset(self, listeners, wanted):
        lines = []
        for listener, group in listeners:
            arn = group["TargetGroupArn"]
            everyone = sorted(key for key in wanted if key[0] == arn)
            # As on AWS: with nobody healthy, everybody gets flows.
            chosen = [key for key in everyone if self.checkers[key].state == "healthy"] or everyone
            if not chosen:
                continue
            spread = ", ".join(f"{index} : {wanted[key][1]} . {wanted[key][2]}" for index, key in enumerate(chosen))
            hidden = "" if group["Attributes"].get("preserve_client_ip.enabled") == "true" else "ct mark set 1 "
            for layer in LAYER_4.get(listener["Protocol"], ()):
                lines.append(
                    f"    ip daddr {self.port.address} {layer} dport {listener['Port']} {hidden}"
                    f"dnat ip addr . port to jhash ip saddr . {layer} sport mod {len(chosen)} map {{ {spread} }}"
                )
        return "\n".join(
            [
                "table ip balancer",
                "delete table ip balancer",
                "table ip balancer {",
                "  chain spread { type nat hook prerouting priority dstnat;",
                *lines,
                "  }",
                "  chain hide_client { type nat hook postrouting priority srcnat;",
                "    ct mark 1 masquerade",
                "  }",
                "  chain only_flows { type filter hook forward priority 0; policy drop;",
                "    ct status dnat accept",
                "  }",
                "  chain only_answers { type filter hook input priority 0; policy drop;",
                "    ct state established,related accept",
                "  }",
                "}",
                "",
            ]
        )


def group_of(listener):
    action = listener["DefaultActions"][0]
    forward = action.get("ForwardConfig", {}).get("TargetGroups", [{}])
    return action.get("TargetGroupArn") or forward[0].get("TargetGroupArn")


def where(target, machines):
    """Address and zone of a target; the zone of an address outside the VPC is nobody's."""
    if target["Id"].startswith("i-"):
        return machines.get(target["Id"], (None, None))
    zone = next((zone for address, zone in machines.values() if address == target["Id"]), None)
    return target["Id"], zone


def settings_of(group, address, port):
    check = group.get("HealthCheckPort", "traffic-port")
    return (
        address,
        port if check == "traffic-port" else int(check),
        group["HealthCheckProtocol"],
        group.get("HealthCheckPath") or "/",
        (group.get("Matcher") or {}).get("HttpCode", "200-399"),
        group["HealthCheckIntervalSeconds"],
        group["HealthCheckTimeoutSeconds"],
        group["HealthyThresholdCount"],
        group["UnhealthyThresholdCount"],
    )
