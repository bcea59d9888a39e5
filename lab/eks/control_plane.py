"""What AWS runs for a cluster of EKS, made of the real programs: etcd, kube-apiserver, controllers, authenticator."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
import traceback

import api
import approver
import aws_auth
import cloud_controller
import internet
import namespaces
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tls import Authority

HERE = pathlib.Path(__file__).parent
READY_SECONDS = 180
# How long the API server believes what the authenticator said. What EKS has is not told; this one is for the impatient.
BELIEVED = "5s"
LINK = "eks"
UNPACKING = threading.Lock()
# Where the lab's internet is, seen from a control plane; the rest is the VPC.
OUTSIDE = ("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24")


class ControlPlanes:
    """Those of all clusters."""

    def __init__(self, settings, wake):
        self.settings = settings
        self.wake = wake
        self.planes = {}
        self.number = 0

    def remove_others(self, clusters):
        live = {cluster["id"] for cluster in clusters}
        for identifier in set(self.planes) - live:
            self.planes.pop(identifier).stop()

    def apply(self, clusters, ports, instances):
        found = {port.owner: port for port in ports if port.kind == "control-plane"}
        for cluster in clusters:
            port = found.get(cluster["id"])
            if port and cluster["id"] not in self.planes:
                self.number += 1
                self.planes[cluster["id"]] = ControlPlane(self.settings, self.wake, cluster, port, self.number)
            if port:
                self.planes[cluster["id"]].instances = instances
                self.planes[cluster["id"]].follow(cluster)


class ControlPlane:
    """One cluster's. A thread of its own starts it and tells the API; the reconciler only says what the API wants."""

    def __init__(self, settings, wake, cluster, port, number):
        self.settings, self.wake, self.cluster, self.port = settings, wake, cluster, port
        self.namespace = port.namespace
        self.folder = pathlib.Path(settings["state"]) / "eks" / cluster["id"]
        self.pki = self.folder / "pki"
        self.state, self.problem, self.stopped = "starting", None, False
        self.processes, self.lock = {}, threading.Lock()
        self.instances = {}  # of the account
        self.admitted = None  # what the authenticator was told last
        self.rules = None
        self.outer_link = f"eks-{number}"
        self.pair = (f"100.65.{number % 256}.0", f"100.65.{number % 256}.1")
        threading.Thread(target=self.live, daemon=True).start()

    def told(self):
        return {
            **{"cluster": self.cluster["name"], "endpoint": self.cluster["endpoint"], "state": self.state},
            **{"problem": self.problem, "namespace": self.namespace, "folder": str(self.folder)},
        }

    def live(self):
        try:
            self.start()
            authority = base64.b64encode((self.pki / "ca.crt").read_bytes()).decode()
            api.tell_control_planes([{"id": self.cluster["id"], "certificate_authority": authority}])
            self.become("active")
            threading.Thread(target=self.follow_instances, daemon=True).start()
            namespaces.enter(self.namespace)
            approver.approve(self.pki, lambda: not self.stopped)
        except Exception as error:
            if self.stopped:
                return
            traceback.print_exc()
            self.problem = f"{type(error).__name__}: {error}; see {self.folder}"
            with contextlib.suppress(OSError):
                api.tell_control_planes([{"id": self.cluster["id"], "failed": self.problem}])
            self.become("failed")

    def follow_instances(self):
        namespaces.enter(self.namespace)
        cloud_controller.follow(self.pki, lambda: self.instances, lambda: not self.stopped)

    def become(self, state):
        self.state = state
        print(f"{time.strftime('%H:%M:%S')} control plane of {self.cluster['name']}: {state}", flush=True)
        self.wake()

    def start(self):
        programs = programs_of(self.settings, self.cluster["version"])
        self.pki.mkdir(parents=True)
        # kube-apiserver's port is 443, as AWS's endpoints have it, and it need not be root's here.
        self.reach_internet()
        self.make_certificates()
        self.follow(self.cluster)
        etcd = self.unpack(programs["etcd"])
        authenticator = programs["aws-iam-authenticator"]
        command = [authenticator, "init", "-i", self.cluster["name"]]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        self.run("etcd", [etcd, *ETCD.split(), f"--data-dir={self.folder / 'etcd'}"])
        self.run("kube-apiserver", [programs["kube-apiserver"], *self.apiserver_flags()])
        kubectl = self.within([programs["kubectl"], f"--kubeconfig={self.pki / 'admin.kubeconfig'}"])
        self.wait(lambda: quiet([*kubectl, "get", "--raw=/readyz"]))
        self.run("kube-controller-manager", [programs["kube-controller-manager"], *self.controller_flags()])
        scheduler = [f"--kubeconfig={self.pki / 'scheduler.kubeconfig'}", "--leader-elect=false"]
        self.run("kube-scheduler", [programs["kube-scheduler"], *scheduler])
        self.wait(lambda: quiet([*kubectl, "apply", f"--filename={HERE / 'rbac.yaml'}"]))
        self.run_authenticator(authenticator)

    def wait(self, holds):
        deadline = time.monotonic() + READY_SECONDS
        while not holds():
            ended = [name for name, process in self.processes.items() if process.poll() is not None]
            if self.stopped or ended or time.monotonic() > deadline:
                raise RuntimeError(f"{', '.join(ended) or 'it'} did not come up")
            time.sleep(0.2)

    def within(self, command):
        """A command in the control plane's network, with AWS's names."""
        hosts = self.folder / "hosts"
        if not hosts.exists():
            names = [f"{service}.{self.cluster['region']}.amazonaws.com" for service in ("sts", "ec2")]
            hosts.write_text(f"127.0.0.1 localhost\n{internet.SERVICES} {' '.join(names)}\n", encoding="ascii")
        inner = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
        outer = ["nsenter", f"--net=/run/netns/{self.namespace}", "unshare", "--mount", "--propagation", "private"]
        return [*outer, "sh", "-c", inner, "sh", hosts, *command]

    def run(self, name, command, environment=None):
        clean = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        with self.lock, open(self.folder / f"{name}.log", "ab") as log:
            if self.stopped:
                raise RuntimeError("the cluster is deleted")
            self.processes[name] = subprocess.Popen(
                self.within(command),
                env={**clean, **(environment or {})},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self):
        self.stopped = True
        with self.lock:
            for process in self.processes.values():
                process.kill()
            for process in self.processes.values():
                process.wait()
        with contextlib.suppress(namespaces.CommandFailed):
            namespaces.ip_batch(internet.INTERNET, [f"link del {self.outer_link}"])
        shutil.rmtree(self.folder, ignore_errors=True)

    def unpack(self, archive):
        """etcd comes in an archive, once for all: clusters that start beside each other wait for whole programs."""
        folder = pathlib.Path(self.settings["state"]) / "eks" / "etcd"
        unfinished = folder.with_name("etcd.unfinished")
        with UNPACKING:
            if not folder.exists():
                # One that was interrupted leaves half a program.
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir(parents=True)
                subprocess.run(["tar", "-xzf", archive, "-C", unfinished, "--strip-components=1"], check=True)
                unfinished.rename(folder)
        return folder / "etcd"

    def reach_internet(self):
        """The public endpoint, and the way to STS."""
        inner, outer = self.pair
        public = self.cluster["public_address"]
        namespaces.run(
            f"ip link add {LINK} netns {self.namespace} type veth"
            f" peer name {self.outer_link} netns {internet.INTERNET}".split()
        )
        namespaces.ip_batch(
            self.namespace,
            [f"addr add {inner}/31 dev {LINK}", f"addr add {public}/32 dev lo", f"link set {LINK} up"]
            + [f"route add {block} via {outer} dev {LINK}" for block in OUTSIDE],
        )
        namespaces.ip_batch(
            internet.INTERNET,
            [f"addr add {outer}/31 dev {self.outer_link}", f"link set {self.outer_link} up"]
            + [f"route add {public}/32 via {inner} dev {self.outer_link} src {internet.OPERATOR}"],
        )

    def follow(self, cluster):
        """Who may come, from where and as whom, as the API has it now."""
        self.cluster = cluster
        if not self.pki.exists():
            return
        if cluster["entries"] != self.admitted:
            # In place: the authenticator watches the file itself.
            (self.folder / "access-entries.json").write_text(json.dumps(cluster["entries"]), encoding="utf-8")
            self.admitted = cluster["entries"]
        rules = firewall(cluster)
        if rules != self.rules:
            namespaces.load_rules(self.namespace, rules)
            self.rules = rules
        if self.state == "active":
            if self.running_mode != cluster["mode"]:
                former = self.processes.pop("authenticator")
                # It takes no heed of SIGTERM, and its port has to be free.
                former.kill()
                former.wait()
                self.run_authenticator(programs_of(self.settings, cluster["version"])["aws-iam-authenticator"])
            if cluster["mode"] == "CONFIG_MAP" and cluster["managed_roles"]:
                namespaces.inside(self.namespace, lambda: aws_auth.admit(self.pki, cluster["managed_roles"]))

    def run_authenticator(self, program):
        self.running_mode = self.cluster["mode"]
        # EKS's own entries come first. It lets the creator in without any, whatever the mode.
        modes = "DynamicFile" + ("" if self.running_mode == "API" else ",EKSConfigMap")
        configuration = {
            "clusterID": self.cluster["name"],
            "server": {"dynamicfilepath": str(self.folder / "access-entries.json")},
        }
        # JSON is YAML.
        (self.folder / "authenticator.yaml").write_text(json.dumps(configuration), encoding="utf-8")
        authority = str(pathlib.Path(self.settings["state"]) / "aws" / "ca.crt")
        self.run(
            "authenticator",
            [program, "server", "--backend-mode", modes, "-c", self.folder / "authenticator.yaml"]
            + ["--kubeconfig", self.pki / "authenticator.kubeconfig", "--state-dir", self.folder]
            + ["--kubeconfig-pregenerated"],
            # Whom it verifies and whom its SDK believes are two settings.
            {
                **{"SSL_CERT_FILE": authority, "AWS_CA_BUNDLE": authority, "AWS_REGION": self.cluster["region"]},
                **{"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab"},
            },
        )

    def make_certificates(self):
        cluster, authority = self.cluster, Authority(self.pki, subject="kubernetes")
        services = cluster["service_cidr"].rsplit(".", 1)[0] + ".1"
        names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
        addresses = ["127.0.0.1", services, cluster["private_address"], cluster["public_address"]]
        authority.sign("apiserver", "kube-apiserver", hosts=[cluster["endpoint"], "localhost", *names, *addresses])
        authority.sign("kubelet-client", "kube-apiserver-kubelet-client", "system:masters")
        who = {
            "admin": ("lab", "system:masters"),
            "controller-manager": ("system:kube-controller-manager", None),
            "scheduler": ("system:kube-scheduler", None),
            "authenticator": ("eks:authenticator", None),
        }
        for name, (user, group) in who.items():
            authority.sign(name, user, group)
            self.write_kubeconfig(name)
        key = rsa.generate_private_key(65537, 2048)
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        (self.pki / "sa.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain))

    def write_kubeconfig(self, name):
        pki = self.pki
        configuration = {
            **{"apiVersion": "v1", "kind": "Config", "current-context": "lab"},
            "clusters": [
                {"name": "lab", "cluster": {"server": "https://127.0.0.1", "certificate-authority": f"{pki}/ca.crt"}}
            ],
            "users": [
                {"name": name, "user": {"client-certificate": f"{pki}/{name}.crt", "client-key": f"{pki}/{name}.key"}}
            ],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": name}}],
        }
        (pki / f"{name}.kubeconfig").write_text(json.dumps(configuration), encoding="utf-8")

    def apiserver_flags(self):
        pki = self.pki
        return [
            "--etcd-servers=http://127.0.0.1:2379",
            f"--advertise-address={self.cluster['private_address']}",
            *("--bind-address=0.0.0.0", "--secure-port=443", "--allow-privileged=true", "--authorization-mode=Node,RBAC"),
            "--enable-admission-plugins=NodeRestriction",
            f"--client-ca-file={pki}/ca.crt",
            *(f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key"),
            f"--kubelet-client-certificate={pki}/kubelet-client.crt",
            f"--kubelet-client-key={pki}/kubelet-client.key",
            f"--kubelet-certificate-authority={pki}/ca.crt",
            "--kubelet-preferred-address-types=InternalIP",
            *(f"--service-account-key-file={pki}/sa.key", f"--service-account-signing-key-file={pki}/sa.key"),
            f"--service-account-issuer={self.cluster['issuer']}",
            f"--service-cluster-ip-range={self.cluster['service_cidr']}",
            f"--authentication-token-webhook-config-file={self.folder}/aws-iam-authenticator.kubeconfig",
            f"--authentication-token-webhook-cache-ttl={BELIEVED}",
        ]

    def controller_flags(self):
        pki = self.pki
        own = f"{pki}/controller-manager.kubeconfig"
        return [
            *(f"--kubeconfig={own}", f"--authentication-kubeconfig={own}", f"--authorization-kubeconfig={own}"),
            f"--service-account-private-key-file={pki}/sa.key",
            f"--root-ca-file={pki}/ca.crt",
            *(f"--cluster-signing-cert-file={pki}/ca.crt", f"--cluster-signing-key-file={pki}/ca.key"),
            *("--use-service-account-credentials=true", "--leader-elect=false"),
        ]


ETCD = (
    "--listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 --unsafe-no-fsync"
    " --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380"
    " --initial-cluster=default=http://127.0.0.1:2380"
)


def programs_of(settings, minor):
    """Of the release of this minor version whose programs lie in the cache."""
    programs = settings["releases"].get(minor)
    if not programs:
        raise RuntimeError(f"no release has Kubernetes {minor}; there are {', '.join(settings['releases'])}")
    missing = [path for path in programs.values() if not os.path.exists(path)]
    if missing:
        raise RuntimeError(f"{missing[0]} is not there; run npx tsx lab/artifacts/prepare.ts with this version")
    return programs


def quiet(command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def firewall(cluster):
    """The endpoint from outside: for whom it is open. From inside the security groups have decided already."""
    accepted = []
    if cluster["public_cidrs"]:
        accepted.append(f"iifname {LINK} tcp dport 443 ip saddr {{ {', '.join(cluster['public_cidrs'])} }} accept")
    if cluster["private"]:
        accepted.append("iifname ens5 tcp dport 443 accept")
    lines = "".join(f"    {line}\n" for line in accepted)
    return f"""table inet endpoint
delete table inet endpoint
table inet endpoint {{
  chain arriving {{ type filter hook input priority 0; policy drop;
    iifname lo accept
    ct state established,related accept
{lines}  }}
}}
"""
