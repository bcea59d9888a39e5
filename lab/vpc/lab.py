"""The lab's one parent process: starts the AWS API and the mirror, and makes the machine's kernel do what the API says.

usage: lab.py SETTINGS.json      with the folders machines and load-balancers on PYTHONPATH
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import traceback
import urllib.request

import cgroups
import internet
import resolver
from forwarder import Forwarders
from machine import Machine
from ports import Numbers, ports_of
from router import Router

API = f"http://{internet.SERVICES}:5000"
LAB = pathlib.Path(__file__).parents[1]


class Lab:
    def __init__(self, settings):
        self.settings = settings
        self.folder = pathlib.Path(settings["state"])
        self.phase = "starting"
        self.problem = None
        self.applied = 0
        self.told = {"generation": 0, "services": {}, "reboots": {}}
        self.woken = threading.Event()
        self.processes = {}
        self.routers, self.resolvers, self.metadata, self.machines = {}, {}, {}, {}
        self.numbers = Numbers()
        self.parts = None
        self.last_health = None
        self.forwarders = Forwarders(self.woken.set)

    def enter(self, phase):
        self.phase = phase
        print(f"{time.strftime('%H:%M:%S')} {phase}", flush=True)
        self.write_status()

    def start(self):
        self.cgroups = cgroups.make(cgroups.hierarchies(), cgroups.ROOT, hands_down=True)
        services = cgroups.make(self.cgroups, "lab-services")
        cgroups.move_in(services)
        self.make_image()
        self.enter("making the internet")
        internet.make()
        internet.move_in()
        self.enter("starting the AWS API")
        self.processes["api"] = subprocess.Popen(
            [sys.executable, LAB / "aws" / "server.py", internet.SERVICES, "5000", self.folder / "machines"],
            stdin=subprocess.DEVNULL,
            stdout=open(self.folder / "api.log", "ab"),
            stderr=subprocess.STDOUT,
        )
        if self.settings.get("mirror"):
            self.processes["mirror"] = subprocess.Popen(
                self.settings["mirror"],
                stdin=subprocess.DEVNULL,
                stdout=open(self.folder / "mirror.log", "ab"),
                stderr=subprocess.STDOUT,
            )
        self.wait_for_api()
        from metadata import MetadataService
        from snapshot import Account

        self.make_metadata = MetadataService
        self.account = Account(API, self.settings["region"])
        threading.Thread(target=self.listen, daemon=True).start()

    def make_image(self):
        image = pathlib.Path(self.settings["image"])
        if not image.exists():
            self.enter("making the machine image (about a minute, once)")
            # In its own mounts, so that an end in the middle leaves nothing mounted.
            command = ["unshare", "--mount", "--propagation", "private", "--", LAB / "machines" / "image.sh", image]
            with open(self.folder / "image.log", "ab") as log:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
                )
            if done.returncode:
                raise RuntimeError(f"the machine image could not be made; see {self.folder / 'image.log'}")

    def wait_for_api(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{API}/lab/generation", timeout=5) as answer:
                    return answer.read()
            except OSError as error:
                if self.processes["api"].poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(
                        f"the AWS API does not answer ({error}); see {self.folder / 'api.log'}"
                    ) from error
                time.sleep(0.05)

    def listen(self):
        """Waits at the API for changes; the answer comes when there is one."""
        while True:
            try:
                with urllib.request.urlopen(
                    f"{API}/lab/generation?after={self.told['generation']}", timeout=60
                ) as answer:
                    told = json.load(answer)
                if told["generation"] != self.told["generation"]:
                    self.told = told
                    self.woken.set()
            except OSError as error:
                if self.processes["api"].poll() is not None:
                    self.problem = f"the AWS API ended; see {self.folder / 'api.log'}"
                    return self.woken.set()
                print(f"listening to the API: {error}", flush=True)
                time.sleep(0.5)

    def run(self):
        self.start()
        self.woken.set()
        while True:
            self.woken.wait()
            self.woken.clear()
            told = self.told
            try:
                started = time.monotonic()
                self.parts = self.account.read(told["services"])
                read = time.monotonic()
                self.reconcile(told)
                self.applied, self.problem = told["generation"], None
                took = time.monotonic()
                if took - started > 0.5:
                    print(
                        f"generation {self.applied}: read {read - started:.3f} s, applied {took - read:.3f} s",
                        flush=True,
                    )
            except Exception as error:
                traceback.print_exc()
                self.problem = f"generation {told['generation']}: {type(error).__name__}: {error}"
                # What failed may depend on a change that is still being made; what is broken stays visible in the status.
                threading.Timer(1, self.woken.set).start()
            if self.phase != "ready" and not self.problem:
                self.enter("ready")
            self.write_status()

    def reconcile(self, told):
        parts = self.parts
        self.apply_machines(parts, told["reboots"])
        incarnations = {m.instance: m.boots for m in self.machines.values() if m.plugged_in}
        used = {s["VpcId"] for s in parts["subnets"]}
        vpcs = {v["VpcId"] for v in parts["vpcs"] if not v.get("IsDefault")} & used
        plan = {vpc: ports_of(parts, vpc, self.numbers, incarnations) for vpc in sorted(vpcs)}
        for vpc in set(self.routers) - vpcs:
            self.remove_vpc(vpc)
        for vpc, ports in plan.items():
            if vpc not in self.routers:
                self.add_vpc(vpc)
            self.metadata_before(vpc, ports)
            self.routers[vpc].apply(parts, ports, self.numbers)
            self.add_services(vpc)
            self.metadata[vpc].update(parts, ports)
        everything = [port for ports in plan.values() for port in ports]
        machines = {p.owner: (p.address, p.zone) for p in reversed(everything) if p.kind == "instance"}
        self.forwarders.apply(parts, everything, machines)
        self.apply_names(parts, plan)
        for port in everything:
            if port.kind == "instance" and port.device == "ens5":
                self.machines[port.owner].network_is_ready(port.incarnation, self.resolver_file(parts, port))
        self.tell_health()

    def apply_machines(self, parts, reboots):
        for identifier, instance in parts["instances"].items():
            state = instance["State"]["Name"]
            machine = self.machines.get(identifier)
            if not machine:
                if state in ("terminated", "shutting-down"):
                    continue
                machine = self.machines[identifier] = Machine(
                    identifier,
                    self.folder / "machines" / identifier,
                    self.settings["image"],
                    self.cgroups,
                    self.woken.set,
                    self.switched_off,
                )
            wanted = {"pending": "running", "running": "running", "terminated": "gone", "shutting-down": "gone"}.get(
                state, "stopped"
            )
            machine.want(wanted)
            machine.reboot(reboots.get(identifier, 0))

    def switched_off(self, instance):
        """A machine that shuts itself down ends as its instance says."""
        asked = self.account.ec2.describe_instance_attribute(
            InstanceId=instance, Attribute="instanceInitiatedShutdownBehavior"
        )
        ends = asked["InstanceInitiatedShutdownBehavior"].get("Value") == "terminate"
        call = self.account.ec2.terminate_instances if ends else self.account.ec2.stop_instances
        call(InstanceIds=[instance])

    def add_vpc(self, vpc):
        self.routers[vpc] = Router(vpc, self.numbers.of(vpc))

    def metadata_before(self, vpc, ports):
        """A machine may ask as soon as it has a link."""
        if vpc in self.metadata:
            self.metadata[vpc].update(self.parts, ports)

    def add_services(self, vpc):
        """What listens on addresses that the router has from its first apply on."""
        if vpc not in self.metadata:
            router = self.routers[vpc]
            self.metadata[vpc] = self.make_metadata(router.namespace, self.account)
            self.resolvers[vpc] = resolver.Resolver(router.namespace, router.resolvers, self.folder / "resolvers" / vpc)

    def remove_vpc(self, vpc):
        if vpc in self.metadata:
            self.metadata.pop(vpc).stop()
            self.resolvers.pop(vpc).stop()
        self.routers.pop(vpc).remove()

    def apply_names(self, parts, plan):
        addresses = self.forwarders.addresses(parts)
        if None not in self.resolvers:
            self.resolvers[None] = resolver.Resolver(
                internet.INTERNET, [internet.SERVICES], self.folder / "resolvers" / "public"
            )
        self.resolvers[None].apply(*resolver.names_outside(parts, addresses))
        for vpc in plan:
            self.resolvers[vpc].apply(*resolver.names_inside(parts, vpc, addresses))

    def resolver_file(self, parts, port):
        """resolv.conf as the VPC's DHCP options have it."""
        vpc = next(v for v in parts["vpcs"] if v["VpcId"] == parts["instances"][port.owner]["VpcId"])
        region = self.settings["region"]
        values = {
            "domain-name": "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal",
            "domain-name-servers": "AmazonProvidedDNS",
        }
        for options in parts["dhcp_options"]:
            if options["DhcpOptionsId"] == vpc.get("DhcpOptionsId"):
                for row in options["DhcpConfigurations"]:
                    values[row["Key"]] = " ".join(v["Value"] for v in row["Values"])
        servers = (
            values["domain-name-servers"].replace("AmazonProvidedDNS", self.routers[vpc["VpcId"]].resolvers[0]).split()
        )
        return f"search {values['domain-name']}\n" + "".join(f"nameserver {server}\n" for server in servers)

    def tell_health(self):
        health = self.forwarders.health(self.parts)
        if health != self.last_health:
            request = urllib.request.Request(
                f"{API}/lab/health", json.dumps(health).encode(), {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(request, timeout=10).close()
            self.last_health = health

    def write_status(self):
        status = {
            "pid": os.getpid(),
            "phase": self.phase,
            "problem": self.problem or self.ended(),
            "generation": self.applied,
            "machines": [self.machine_status(m) for m in self.machines.values() if m.state != "gone"],
            "vpcs": {vpc: router.namespace for vpc, router in self.routers.items()},
            "loadBalancers": self.balancer_status(),
        }
        fresh = self.folder / "status.json.new"
        fresh.write_text(json.dumps(status, indent=2) + "\n", encoding="utf-8")
        os.replace(fresh, self.folder / "status.json")

    def ended(self):
        gone = [f"{name} (exit {p.returncode})" for name, p in self.processes.items() if p.poll() is not None]
        return f"ended: {', '.join(gone)}; see the logs in {self.folder}" if gone else None

    def machine_status(self, machine):
        instance = (self.parts or {}).get("instances", {}).get(machine.instance, {})
        tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
        return {
            "instance": machine.instance,
            "name": tags.get("Name", ""),
            "state": machine.state,
            "problem": machine.problem,
            "private": instance.get("PrivateIpAddress"),
            "public": instance.get("PublicIpAddress"),
            "namespace": machine.name,
        }

    def balancer_status(self):
        if not self.parts:
            return []
        rows = []
        for balancer in self.parts["load_balancers"]:
            nodes = [n for n in self.forwarders.nodes.values() if n.port.owner == balancer["LoadBalancerArn"]]
            targets = {
                f"{key[1]} from {n.port.zone}": f"{c.state} ({c.reason})"
                for n in nodes
                for key, c in n.checkers.items()
            }
            rows.append({"name": balancer["LoadBalancerName"], "dns": balancer["DNSName"], "targets": targets})
        return rows


def main(path):
    settings = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    lab = Lab(settings)
    # The terminal's Ctrl-C is for the command that runs `up`; the lab ends by `down`.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        lab.run()
    except Exception as error:
        traceback.print_exc()
        lab.problem = str(error)
        lab.enter("failed")
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
