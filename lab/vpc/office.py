"""The office: a network of its own that VPCs with a VPN gateway reach, with its DNS and its proxy, behind one address."""

import os
import pathlib
import subprocess

import internet
import namespaces
import routes

OFFICE = "lab-office"
BLOCK = "10.0.0.0/8"
OPERATOR, PROXY, RESOLVER = "10.1.0.1", "10.1.2.3", "10.1.0.53"
PROXY_PORT = 3128
DOMAIN = "corp.example"
# What the internet sees of it.
OUTSIDE, ITS_ROUTER = "198.18.0.21", "198.18.0.20"
# What IPsec leaves of an internet packet, as AWS documents it.
VPN_MTU = 1446
RESOLVER_FILE = pathlib.Path(f"/etc/netns/{OFFICE}/resolv.conf")

HIDDEN = f"""table ip office {{
  chain hide {{ type nat hook postrouting priority srcnat;
    oifname "internet" masquerade
  }}
}}
"""


# Of Debian's base system.
PROXY_USER = 13
SQUID = f"""http_port {PROXY}:{PROXY_PORT}
visible_hostname proxy.{DOMAIN}
auth_param basic program /usr/lib/squid/basic_ncsa_auth /var/log/squid/users
auth_param basic children 2 startup=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
dns_nameservers {RESOLVER}
access_log stdio:/var/log/squid/access.log
cache_log /var/log/squid/cache.log
pid_filename none
error_directory /usr/share/squid/errors/templates
pinger_enable off
netdb_filename none
shutdown_lifetime 0 seconds
"""


class Office:
    """Made with the first VPN gateway; it stays until the lab goes down."""

    def __init__(self, settings):
        self.folder = pathlib.Path(settings["state"]) / "office"
        self.squid = pathlib.Path(settings["squid"])
        self.user = settings["proxy_user"]
        self.links = set()
        self.make_network()
        self.processes = {"names": self.serve_names(), "squid": self.serve_proxy()}

    def make_network(self):
        namespaces.add(OFFICE, namespaces.ROUTER_SETTINGS)
        addresses = [f"addr add {address}/32 dev lo" for address in (OPERATOR, PROXY, RESOLVER)]
        namespaces.run(
            f"ip link add internet netns {OFFICE} type veth peer name office netns {internet.INTERNET}".split()
        )
        namespaces.ip_batch(internet.INTERNET, [f"addr add {ITS_ROUTER}/31 dev office", "link set office up"])
        namespaces.ip_batch(
            OFFICE,
            [
                *addresses,
                f"addr add {OUTSIDE}/31 dev internet",
                "link set internet up",
                f"route add default via {ITS_ROUTER}",
            ],
        )
        namespaces.load_rules(OFFICE, HIDDEN)
        RESOLVER_FILE.parent.mkdir(parents=True, exist_ok=True)
        RESOLVER_FILE.write_text(f"search {DOMAIN}\nnameserver {RESOLVER}\n", encoding="ascii")

    def serve_names(self):
        """Its own names, those that `forwarders` leads elsewhere (read again at SIGHUP), and whatever the internet knows."""
        self.folder.mkdir()
        (self.folder / "forwarders").touch()
        return self.start(
            "names",
            "dnsmasq --keep-in-foreground --no-resolv --no-hosts --cache-size=0 --user=root --group=root"
            f" --bind-interfaces --conf-file=/dev/null --listen-address={RESOLVER}"
            f" --pid-file={self.folder}/names.pid --servers-file={self.folder}/forwarders"
            f" --server={internet.SERVICES} --local=/{DOMAIN}/ --host-record=proxy.{DOMAIN},{PROXY}".split(),
        )

    def serve_proxy(self):
        logs = self.folder / "proxy"
        logs.mkdir(parents=True)
        # It gives root up.
        os.chown(logs, PROXY_USER, PROXY_USER)
        hashed = namespaces.run(["openssl", "passwd", "-apr1", "-stdin"], self.user["password"] + "\n").strip()
        (logs / "users").write_text(f"{self.user['name']}:{hashed}\n", encoding="ascii")
        (logs / "squid.conf").write_text(SQUID, encoding="ascii")
        # Its own tree of Debian's packages is its root, in mounts that end with it.
        mounts = (
            f"mount --bind {self.squid} /mnt && mount --bind {logs} /mnt/var/log/squid"
            " && mount --bind /dev /mnt/dev && mount -t tmpfs none /mnt/dev/shm"
        )
        program = "exec chroot /mnt /usr/sbin/squid -N -f /var/log/squid/squid.conf"
        return self.start(
            "squid", ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", f"{mounts} && {program}"]
        )

    def start(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{OFFICE}", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def connect(self, account, vpc, router, wanted):
        """A tunnel to the router of a VPC that has a gateway, and the way to its addresses; or none."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        if ended:
            raise RuntimeError(f"the office lacks its {ended[0]}, which ended; see {self.folder}")
        link = "vgw-" + vpc[-8:]
        if vpc in self.links and not wanted:
            namespaces.ip_batch(OFFICE, [f"link del {link}"])
            router.forget(routes.VGW_LINK)
            self.links.discard(vpc)
        if vpc in self.links or not wanted:
            return
        block = next(v["CidrBlock"] for v in account["vpcs"] if v["VpcId"] == vpc)
        inner, outer = routes.tunnel(router.number)
        namespaces.run(
            f"ip link add {routes.VGW_LINK} netns {router.namespace} mtu {VPN_MTU} type veth"
            f" peer name {link} netns {OFFICE} mtu {VPN_MTU}".split()
        )
        namespaces.ip_batch(
            router.namespace, [f"addr add {inner}/31 dev {routes.VGW_LINK}", f"link set {routes.VGW_LINK} up"]
        )
        namespaces.ip_batch(
            OFFICE,
            [
                f"addr add {outer}/31 dev {link}",
                f"link set {link} up",
                f"route add {block} via {inner} dev {link} src {OPERATOR}",
            ],
        )
        self.links.add(vpc)


def attached(account):
    """The VPCs that have a VPN gateway."""
    return {
        attachment["VpcId"]
        for gateway in account["vpn_gateways"]
        for attachment in gateway.get("VpcAttachments", [])
        if attachment["State"] == "attached"
    }
