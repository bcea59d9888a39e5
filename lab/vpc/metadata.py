"""The instance metadata service of one VPC, on 169.254.169.254 in its router."""

import base64
import json
import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import namespaces
from firewall import METADATA_MARKS
from router import METADATA

SO_MARK = 36
TOKEN_HEADER = "X-aws-ec2-metadata-token"
VERSIONS = ("1.0", "2009-04-04", "2016-09-02", "2018-09-24", "2021-03-23", "latest")


class MetadataService:
    """Answers each machine about itself alone."""

    def __init__(self, namespace, account):
        self.account = account  # the Account: user data and keys are asked of the API when a machine asks for them
        self.parts = {}
        self.ports = {}
        self.tokens = {}
        self.server = namespaces.inside(namespace, lambda: Server((METADATA, 80), self))
        # Sockets stay in the namespace they were made in, and so do those that they accept.
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def update(self, parts, ports):
        self.parts = parts
        self.ports = {port.number: port for port in ports if port.kind == "instance"}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def instance_of(self, connection):
        port = self.ports.get(connection.getsockopt(socket.SOL_SOCKET, SO_MARK) - METADATA_MARKS)
        return self.parts["instances"].get(port.owner) if port else None

    def give_token(self, instance, seconds):
        token = secrets.token_urlsafe(40)
        self.tokens[token] = (instance, time.monotonic() + seconds)
        return token

    def knows_token(self, instance, token):
        owner, until = self.tokens.get(token, (None, 0))
        return owner == instance and time.monotonic() < until


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, service):
        self.service = service
        super().__init__(address, Handler)

    def server_bind(self):
        # The parent class asks DNS for the server's own name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.server_address


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "EC2ws"
    sys_version = ""
    timeout = 30

    def log_message(self, *_):
        pass

    def answer(self, code, text="", kind="text/plain", headers=()):
        body = text.encode() if isinstance(text, str) else text
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def asker(self):
        """The instance that asks, unless it has no metadata service."""
        instance = self.server.service.instance_of(self.connection)
        if not instance or instance.get("MetadataOptions", {}).get("HttpEndpoint") == "disabled":
            self.answer(403)
            return None
        return instance

    def do_PUT(self):
        instance = self.asker()
        if not instance:
            return
        if self.path != "/latest/api/token":
            return self.answer(404)
        seconds = self.headers.get(TOKEN_HEADER + "-ttl-seconds", "")
        if not seconds.isdigit() or not 1 <= int(seconds) <= 21600 or self.headers.get("X-Forwarded-For"):
            return self.answer(400 if not self.headers.get("X-Forwarded-For") else 403)
        # The answer dies on the way to anything further away than the hop limit, as a container behind a bridge.
        hops = int(instance.get("MetadataOptions", {}).get("HttpPutResponseHopLimit", 1))
        self.connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)
        token = self.server.service.give_token(instance["InstanceId"], int(seconds))
        self.answer(200, token, headers=[(TOKEN_HEADER + "-ttl-seconds", seconds)])

    def do_GET(self):
        service, instance = self.server.service, self.asker()
        if not instance:
            return
        token = self.headers.get(TOKEN_HEADER)
        required = instance.get("MetadataOptions", {}).get("HttpTokens") == "required"
        if (token or required) and not service.knows_token(instance["InstanceId"], token):
            return self.answer(401)
        version, _, path = self.path.split("?")[0].strip("/").partition("/")
        if not version:
            return self.answer(200, "\n".join(VERSIONS))
        if version not in VERSIONS:
            return self.answer(404)
        if path == "user-data":
            data = user_data(service.account, instance["InstanceId"])
            return self.answer(200, data, "application/octet-stream") if data else self.answer(404)
        tree = {
            "meta-data": metadata(service, instance),
            "dynamic": {"instance-identity": {"document": identity(service, instance)}},
        }
        found = look_up(tree, path)
        self.answer(404) if found is None else self.answer(200, found)


def look_up(tree, path):
    """A leaf's text, or a folder's listing with a slash behind each folder."""
    node = tree
    for part in [p for p in path.split("/") if p]:
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    if not isinstance(node, dict):
        return node
    if isinstance(node, Keys):
        return node.listing
    return "\n".join(name + ("/" if isinstance(child, dict) else "") for name, child in node.items())


class Keys(dict):
    """The one folder whose listing also names what lies in it."""

    def __init__(self, name, key):
        super().__init__({"0": {"openssh-key": key}})
        self.listing = f"0={name}"


def user_data(account, instance):
    value = account.ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"].get("Value")
    return base64.b64decode(value) if value else b""


def identity(service, instance):
    return json.dumps(
        {
            "accountId": owner(instance),
            "architecture": instance.get("Architecture", "x86_64"),
            "availabilityZone": instance["Placement"]["AvailabilityZone"],
            "imageId": instance["ImageId"],
            "instanceId": instance["InstanceId"],
            "instanceType": instance["InstanceType"],
            "privateIp": instance["PrivateIpAddress"],
            "region": region(instance),
            "version": "2017-09-30",
        },
        indent=2,
    )


def owner(instance):
    return instance["NetworkInterfaces"][0]["OwnerId"]


def region(instance):
    return instance["Placement"]["AvailabilityZone"][:-1]


def metadata(service, instance):
    zone = instance["Placement"]["AvailabilityZone"]
    private = instance["PrivateIpAddress"]
    host = instance["PrivateDnsName"]
    groups = "\n".join(group["GroupName"] for group in instance["SecurityGroups"])
    tree = {
        "ami-id": instance["ImageId"],
        "ami-launch-index": str(instance.get("AmiLaunchIndex", 0)),
        "hostname": host,
        "instance-action": "none",
        "instance-id": instance["InstanceId"],
        "instance-life-cycle": "on-demand",
        "instance-type": instance["InstanceType"],
        "local-hostname": host,
        "local-ipv4": private,
        "mac": instance["NetworkInterfaces"][0]["MacAddress"],
        "network": {
            "interfaces": {"macs": {i["MacAddress"]: interface(service, i) for i in instance["NetworkInterfaces"]}}
        },
        "placement": {
            "availability-zone": zone,
            "region": region(instance),
        },
        "reservation-id": "r-" + instance["InstanceId"][2:],
        "security-groups": groups,
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if instance.get("PublicIpAddress"):
        tree["public-ipv4"] = instance["PublicIpAddress"]
        tree["public-hostname"] = instance.get("PublicDnsName", "")
    key = public_key(service, instance.get("KeyName"))
    if key:
        tree["public-keys"] = Keys(instance["KeyName"], key)
    profile = (instance.get("IamInstanceProfile") or {}).get("Arn")
    if profile:
        tree["iam"] = roles(profile)
    if instance.get("MetadataOptions", {}).get("InstanceMetadataTags") == "enabled":
        tree["tags"] = {"instance": {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}}
    return tree


def interface(service, row):
    subnets = {s["SubnetId"]: s for s in service.parts["subnets"]}
    vpcs = {v["VpcId"]: v for v in service.parts["vpcs"]}
    public = (row.get("Association") or {}).get("PublicIp")
    tree = {
        "device-number": str(row["Attachment"]["DeviceIndex"]),
        "interface-id": row["NetworkInterfaceId"],
        "local-ipv4s": "\n".join(a["PrivateIpAddress"] for a in row["PrivateIpAddresses"]),
        "mac": row["MacAddress"],
        "owner-id": row["OwnerId"],
        "security-group-ids": "\n".join(g["GroupId"] for g in row["Groups"]),
        "security-groups": "\n".join(g["GroupName"] for g in row["Groups"]),
        "subnet-id": row["SubnetId"],
        "subnet-ipv4-cidr-block": subnets[row["SubnetId"]]["CidrBlock"],
        "vpc-id": row["VpcId"],
        "vpc-ipv4-cidr-block": vpcs[row["VpcId"]]["CidrBlock"],
        "vpc-ipv4-cidr-blocks": "\n".join(a["CidrBlock"] for a in vpcs[row["VpcId"]]["CidrBlockAssociationSet"]),
    }
    if public:
        tree["public-ipv4s"] = public
    return tree


def public_key(service, name):
    if not name:
        return None
    keys = service.account.ec2.describe_key_pairs(KeyNames=[name], IncludePublicKey=True)["KeyPairs"]
    return keys[0].get("PublicKey", "").strip() + "\n" if keys else None


def roles(profile):
    """Credentials that the lab's API accepts; it accepts any."""
    name = profile.rsplit("/", 1)[1]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6 * 3600))
    credentials = {
        "Code": "Success",
        "LastUpdated": stamp,
        "Type": "AWS-HMAC",
        "AccessKeyId": "ASIALABLABLABLABLABL",
        "SecretAccessKey": "lab",
        "Token": "lab",
        "Expiration": until,
    }
    information = {
        "Code": "Success",
        "LastUpdated": stamp,
        "InstanceProfileArn": profile,
        "InstanceProfileId": "AIPALAB",
    }
    return {"info": json.dumps(information), "security-credentials": {name: json.dumps(credentials)}}
