"""Network namespaces: made, entered and given addresses without a fork per step."""

import ctypes
import os
import subprocess
import threading

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class CommandFailed(Exception):
    pass


def run(command, text=None):
    """Runs a command to its end; a failure carries the command and what it said."""
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    if done.returncode:
        raise CommandFailed(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}\n{text or ''}")
    return done.stdout


def exists(name):
    return os.path.exists(f"/run/netns/{name}")


def enter(name):
    """Moves this thread, and the threads it starts, into a namespace."""
    with open(f"/run/netns/{name}", "rb") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, f"cannot enter network namespace {name}: {os.strerror(number)}")


def inside(name, work):
    """Runs a function in a namespace, in a thread of its own, and returns what it returns."""
    outcome = {}

    def body():
        try:
            enter(name)
            outcome["value"] = work()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def set_system(name, settings):
    """Writes /proc/sys/net files of a namespace: {"ipv4/ip_forward": 1}."""

    def write():
        for key, value in settings.items():
            with open(f"/proc/sys/net/{key}", "w", encoding="ascii") as file:
                file.write(str(value))

    inside(name, write)


# A router of any kind here carries packets with addresses that are not its own, in both directions.
ROUTER_SETTINGS = {
    "ipv4/ip_forward": 1,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv4/conf/all/send_redirects": 0,
    "ipv4/conf/default/send_redirects": 0,
    "ipv6/conf/all/disable_ipv6": 1,
    "ipv6/conf/default/disable_ipv6": 1,
}


def add(name, settings=None):
    run(["ip", "netns", "add", name])
    run(["ip", "-n", name, "link", "set", "lo", "up"])
    if settings:
        set_system(name, settings)


def remove(name):
    if exists(name):
        run(["ip", "netns", "del", name])


def ip_batch(name, lines):
    if lines:
        run(["ip", "-n", name, "-batch", "-"], "\n".join(lines) + "\n")


def load_rules(name, text):
    """Replaces an nftables table in one step; a faulty file leaves the old rules and raises."""
    run(["nsenter", f"--net=/run/netns/{name}", "nft", "-f", "-"], text)
