"""What the lab says of itself, in a file that is replaced whole."""

import json
import os


def write(lab):
    reconciler = lab.reconciler
    told = {
        "pid": os.getpid(),
        "owner": lab.settings["owner"],
        "phase": lab.phase,
        "problem": lab.problem or ended(lab) or died(reconciler) or failed(reconciler),
        "generation": lab.applied,
        "machines": machines(reconciler) if reconciler else [],
        "vpcs": {vpc: router.namespace for vpc, router in reconciler.routers.items()} if reconciler else {},
        "loadBalancers": balancers(reconciler) if reconciler else [],
        "controlPlanes": [p.told() for p in reconciler.control_planes.planes.values()] if reconciler else [],
    }
    fresh = lab.folder / "status.json.new"
    fresh.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    os.replace(fresh, lab.folder / "status.json")


def ended(lab):
    gone = [f"{name} (exit {p.returncode})" for name, p in lab.processes.items() if p.poll() is not None]
    return f"ended: {', '.join(gone)}; see the logs in {lab.folder}" if gone else None


def died(reconciler):
    dead = [m.instance for m in reconciler.machines.values() if m.state == "died"] if reconciler else []
    return f"died: {', '.join(dead)}" if dead else None


def failed(reconciler):
    planes = reconciler.control_planes.planes.values() if reconciler else []
    return next((f"control plane of {p.cluster['name']}: {p.problem}" for p in planes if p.problem), None)


def machines(reconciler):
    rows = []
    for machine in reconciler.machines.values():
        if machine.state == "gone":
            continue
        instance = reconciler.parts.get("instances", {}).get(machine.instance, {})
        tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
        rows.append(
            {
                "instance": machine.instance,
                "name": tags.get("Name", ""),
                "state": machine.state,
                "problem": machine.problem,
                "private": instance.get("PrivateIpAddress"),
                "public": instance.get("PublicIpAddress"),
                "namespace": machine.name,
            }
        )
    return rows


def balancers(reconciler):
    rows = []
    for balancer in reconciler.parts.get("load_balancers", []):
        nodes = [n for n in reconciler.forwarders.nodes.values() if n.port.owner == balancer["LoadBalancerArn"]]
        checkers = [(key[1], node.port.zone, checker) for node in nodes for key, checker in node.checkers.items()]
        targets = {f"{target} from {zone}": f"{c.state} ({c.reason})" for target, zone, c in checkers}
        rows.append({"name": balancer["LoadBalancerName"], "dns": balancer["DNSName"], "targets": targets})
    return rows
