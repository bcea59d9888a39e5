"""A control plane's own API server, asked by its lab; for threads that are in its network."""

import http.client
import json
import ssl


class ApiServer:
    def __init__(self, pki, timeout=30):
        context = ssl.create_default_context(cafile=pki / "ca.crt")
        context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self.connection = http.client.HTTPSConnection("127.0.0.1", 443, timeout=timeout, context=context)

    def open(self, path, method="GET", body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        return self.connection.getresponse()

    def ask(self, path, method="GET", body=None):
        """(status, answer)"""
        answer = self.open(path, method, body)
        return answer.status, json.load(answer)
