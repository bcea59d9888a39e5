"""The registry of ECR, as far as nodes pull from it: with the account's token, by its pull-through rules, from the lab's mirror."""

import base64
import json
import re
import urllib.error
import urllib.request

from moto.ecr.models import ecr_backends

HOST = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
ASKED = ("Accept", "Range")
ANSWERED = ("Content-Type", "Content-Length", "Content-Range", "Docker-Content-Digest", "Docker-Distribution-Api-Version")


class Registry:
    """A WSGI application before that of the API, under the registry's own name."""

    def __init__(self, api, mirror):
        self.api = api
        self.mirror = mirror
        self.straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __call__(self, environ, start_response):
        host = HOST.fullmatch(environ.get("HTTP_HOST", "").split(":")[0])
        if not host:
            return self.api(environ, start_response)
        # As GetAuthorizationToken gives it.
        token = base64.b64encode(f"AWS:{host['account']}-auth-token".encode()).decode()
        if environ.get("HTTP_AUTHORIZATION") != f"Basic {token}":
            realm = f'Basic realm="https://{host[0]}/",service="ecr.amazonaws.com"'
            return refuse(start_response, "401 Unauthorized", "UNAUTHORIZED", [("WWW-Authenticate", realm)])
        prefix, _, rest = environ["PATH_INFO"].removeprefix("/v2/").partition("/")
        rules = ecr_backends[host["account"]][host["region"]].__dict__.get("lab_pull_through_cache_rules", {})
        if prefix and prefix not in rules:
            return refuse(start_response, "404 Not Found", "NAME_UNKNOWN")
        return self.pull(rest, environ, start_response)

    def pull(self, rest, environ, start_response):
        request = urllib.request.Request(f"{self.mirror}/v2/{rest}", method=environ["REQUEST_METHOD"])
        for name in ASKED:
            value = environ.get(f"HTTP_{name.upper()}")
            if value:
                request.add_header(name, value)
        try:
            answer = self.straight.open(request, timeout=60)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        headers = [(name, answer.headers[name]) for name in ANSWERED if answer.headers[name]]
        start_response(f"{answer.status} {answer.reason}", headers)
        return iter(lambda: answer.read(1 << 20), b"")


def refuse(start_response, status, code, headers=()):
    start_response(status, [("Content-Type", "application/json"), *headers])
    return [json.dumps({"errors": [{"code": code, "message": status}]}).encode()]
