"""The instance metadata service of one VPC, on 169.254.169.254 in its router."""

import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import namespaces
from facts import look_up, tree_of, user_data
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
        self.credentials = {}  # (instance, profile) -> (when to renew, what the tree has of it)
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
        found = look_up(tree_of(service, instance), path)
        self.answer(404) if found is None else self.answer(200, found)
