#!/usr/bin/env python3
"""The lab's part of the internet that nodes download from.

Serves the publishers' files by their URLs (mirror/), Debian's archive (/deb.debian.org/debian/), and container images
by the registry protocol (/v2/, pull only). Everything comes out of the cache folder and nothing is ever written.
"""

import argparse
import json
import os
import posixpath
import re
import socket
import socketserver
import sys
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DEBIAN = "/deb.debian.org/debian/"
DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
IMAGE = re.compile(r"/v2/(?P<repository>[a-z0-9._/-]+)/(?P<kind>manifests|blobs)/(?P<reference>[A-Za-z0-9:._-]+)")
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PLAIN = "text/plain; charset=utf-8"
BINARY = "application/octet-stream"
MEDIA_TYPES = {".xz": "application/x-xz", ".gz": "application/gzip", ".tgz": "application/gzip"}


class Missing(Exception):
    """What was asked for is not served here."""


def below(folder, path):
    """The file of a URL path below a folder; a path that leads out of it is missing."""
    parts = [part for part in posixpath.normpath("/" + path).split("/") if part]
    file = os.path.join(folder, *parts)
    if not os.path.isfile(file):
        raise Missing(path)
    return file


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A client that stops in the middle of a request gives its thread back.
    timeout = 120

    def version_string(self):
        return "lab-mirror"

    def do_GET(self):
        self.answer(body=True)

    def do_HEAD(self):
        self.answer(body=False)

    def answer(self, body):
        # The query is not looked at: containerd adds ?ns=<registry>, and one store holds the images of all registries.
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        try:
            if path == "/v2" or path.startswith("/v2/"):
                self.image(path, body)
            elif path.startswith(DEBIAN):
                self.file(below(self.server.debian, path[len(DEBIAN):]), {}, body)
            elif path == "/":
                self.text(HTTPStatus.OK, PLAIN, "the lab's mirror\n", {}, body)
            else:
                self.file(below(self.server.mirror, path), {}, body)
        except Missing as missing:
            if path.startswith("/v2/"):
                errors = json.dumps({"errors": [{"code": "NAME_UNKNOWN", "message": f"not here: {missing}"}]})
                self.text(HTTPStatus.NOT_FOUND, "application/json", errors, {}, body)
            else:
                self.text(HTTPStatus.NOT_FOUND, PLAIN, f"not here: {missing}\n", {}, body)
        except (BrokenPipeError, ConnectionResetError):
            # The client has gone, with or without what it came for.
            self.close_connection = True

    def image(self, path, body):
        version = {"Docker-Distribution-Api-Version": "registry/2.0"}
        if path in ("/v2", "/v2/"):
            self.text(HTTPStatus.OK, "application/json", "{}", version, body)
            return
        asked = IMAGE.fullmatch(path)
        if not asked:
            raise Missing(path)
        digest = self.server.digest(asked["repository"], asked["reference"])
        file = below(self.server.images, f"blobs/sha256/{DIGEST.fullmatch(digest)[1]}")
        media_type = BINARY
        if asked["kind"] == "manifests":
            with open(file, encoding="utf-8") as manifest:
                media_type = json.load(manifest)["mediaType"]
        self.file(file, {**version, "Docker-Content-Digest": digest}, body, media_type)

    def file(self, path, headers, body, media_type=None):
        with open(path, "rb") as source:
            size = os.fstat(source.fileno()).st_size
            first, last = self.range(size)
            if first is None:
                whole = {"Content-Range": f"bytes */{size}"}
                self.text(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, PLAIN, "", whole, body)
                return
            part = (first, last) != (0, size - 1)
            self.send_response(HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK)
            self.send_header("Content-Type", media_type or MEDIA_TYPES.get(os.path.splitext(path)[1], BINARY))
            self.send_header("Content-Length", str(last - first + 1))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Last-Modified", self.date_time_string(int(os.fstat(source.fileno()).st_mtime)))
            if part:
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if body and last >= first:
                self.wfile.flush()
                # The kernel copies the file to the socket; 100 MB cost this process next to nothing.
                self.connection.sendfile(source, first, last - first + 1)

    def range(self, size):
        """First and last byte to send; the whole file where no (single) range is asked for."""
        asked = RANGE.fullmatch(self.headers.get("Range", ""))
        if not asked or asked.group(0) == "bytes=-" or size == 0:
            return 0, size - 1
        start, end = asked.groups()
        if not start:
            return max(0, size - int(end)), size - 1
        if int(start) >= size or (end and int(end) < int(start)):
            return None, None
        return int(start), min(int(end), size - 1) if end else size - 1

    def text(self, status, media_type, text, headers, body):
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, form, *values):
        # Flushed by line, so that the log tells what a node last asked for.
        print(f"{self.log_date_time_string()} {self.client_address[0]} {form % values}", flush=True)


class Mirror(ThreadingHTTPServer):
    daemon_threads = True
    # All nodes start their downloads in the same second.
    request_queue_size = 128

    def __init__(self, address, folder, debian):
        self.mirror = os.path.join(folder, "mirror")
        self.debian = debian
        self.images = os.path.join(folder, "images")
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)

    def server_bind(self):
        # Without the look-up of this machine's own name that HTTPServer does, which hangs where no name server answers.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def digest(self, repository, reference):
        if DIGEST.fullmatch(reference):
            return reference
        # Read each time: images may be added while nodes are up.
        try:
            with open(os.path.join(self.images, "refs.json"), encoding="utf-8") as refs:
                digest = json.load(refs).get(f"{repository}:{reference}")
        except FileNotFoundError:
            digest = None
        if not digest:
            raise Missing(f"{repository}:{reference}")
        return digest


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--folder", required=True, help="the lab's cache folder")
    parser.add_argument("--debian", required=True, help="the folder with the part of Debian's archive")
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(":")
    if not port.isdigit():
        parser.error(f"--listen {options.listen}: expected ADDRESS:PORT")
    if not os.path.isdir(os.path.join(options.folder, "mirror")):
        sys.exit(f"error: {options.folder} holds no mirror; run npx tsx lab/artifacts/prepare.ts")
    with Mirror((host.strip("[]"), int(port)), options.folder, options.debian) as mirror:
        print(f"serving {options.folder} on {options.listen}", flush=True)
        try:
            mirror.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
