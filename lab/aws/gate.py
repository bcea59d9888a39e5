"""The one door to the API: calls in turn, failures as AWS answers them, and a counter of what was changed."""

import collections
import io
import json
import re
import threading
import time
import traceback
from urllib.parse import parse_qs

READS = re.compile(r"^(Describe|Get|List|Lookup|Head|BatchGet|Search|Select|Simulate|AssumeRole|DecodeAuthorization)")
LONGEST_WAIT_SECONDS = 25
REMEMBERED_ANSWERS = 2000


class Gate:
    """A WSGI application around moto."""

    def __init__(self, moto, told, asked, reboots, beside):
        """told, asked: path -> what the lab tells of what runs, and asks beside AWS's own calls.

        beside: path -> what AWS answers there and moto does not know: from a request to a status and an answer."""
        self.moto = moto
        self.told = told
        self.asked = asked
        self.reboots = reboots
        self.beside = beside
        # moto changes plain dictionaries while other threads walk them; one call at a time costs milliseconds.
        self.turn = threading.Lock()
        self.changed = threading.Condition()
        self.generation = 0
        self.services = {}
        self.answers = collections.OrderedDict()

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path == "/lab/generation":
            return self.say(start_response, self.wait(parse_qs(environ.get("QUERY_STRING", ""))))
        if path in self.told and environ["REQUEST_METHOD"] == "POST":
            with self.turn:
                self.told[path](json.load(io.BytesIO(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))))
            return self.say(start_response, {})
        if path in self.asked:
            with self.turn:
                return self.say(start_response, self.asked[path]())
        if path in self.beside:
            # Read before its turn, which a sender that is cut off would never give back.
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
            with self.turn:
                status, answer = self.beside[path](environ)
            if not status.startswith("2"):
                print(time.strftime("%H:%M:%S"), path, status, answer, flush=True)
            return self.say(start_response, answer, status)
        return self.call(environ, start_response)

    def say(self, start_response, answer, status="200 OK"):
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def wait(self, query):
        """Answers at once if there is something newer than what the caller knows, otherwise when there is."""
        known = int(query.get("after", ["-1"])[0])
        with self.changed:
            self.changed.wait_for(lambda: self.generation > known, timeout=LONGEST_WAIT_SECONDS)
            return {"generation": self.generation, "services": dict(self.services), "reboots": dict(self.reboots)}

    def call(self, environ, start_response):
        service, action, body = described(environ)
        if body is not None:
            environ["wsgi.input"] = io.BytesIO(body)
        told = {}
        attempt = environ.get("HTTP_AMZ_SDK_REQUEST", "attempt=1")
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if not attempt.startswith("attempt=1;") and attempt != "attempt=1":
            print(time.strftime("%H:%M:%S"), service, action or environ.get("PATH_INFO"), attempt, flush=True)
            if invocation in self.answers:
                # It did not reach its caller, who would hear now that what it asks for was done already.
                status, headers, answer = self.answers[invocation]
                start_response(status, headers)
                return [answer]

        def remember(status, headers, exc_info=None):
            told["status"], told["headers"] = status, headers

        with self.turn:
            try:
                answer = b"".join(self.moto(environ, remember))
                if told["status"].startswith("5"):
                    raise RuntimeError(f"moto answered {told['status']}: {answer[:300].decode(errors='replace')}")
            except Exception as error:
                answer = self.refuse(environ, service, action, error, told)
        if changes(environ, action) and told["status"].startswith("2"):
            with self.changed:
                self.generation += 1
                self.services[service] = self.generation
                self.changed.notify_all()
        if told["status"].startswith("4"):
            say = answer.decode(errors="replace").replace("\n", " ")
            print(time.strftime("%H:%M:%S"), service, action or environ.get("PATH_INFO"), say[:400], flush=True)
        if invocation and changes(environ, action) and told["status"].startswith("2"):
            self.answers[invocation] = told["status"], told["headers"], answer
            while len(self.answers) > REMEMBERED_ANSWERS:
                self.answers.popitem(last=False)
        start_response(told["status"], told["headers"])
        return [answer]

    def refuse(self, environ, service, action, error, told):
        """An answer that no SDK tries again: what is missing here is still missing after 25 attempts."""
        missing = isinstance(error, NotImplementedError) or "Not yet implemented" in str(error)
        code = "UnsupportedOperation" if missing or action is None else "InvalidParameterValue"
        what = f"{service} {action or environ.get('PATH_INFO')}"
        message = f"the lab's AWS API cannot do {what}: {type(error).__name__}: {error}"
        if not missing:
            traceback.print_exception(error)
        kind, answer = refusal(environ, service, code, message)
        told["status"] = "400 Bad Request"
        told["headers"] = [("Content-Type", kind), ("x-amzn-ErrorType", code)]
        return answer.encode()


def described(environ):
    """Service, action and, where it had to be read, the body."""
    signed = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    service = signed.group(1).lower() if signed else "unsigned"
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return service, target.rsplit(".", 1)[-1], None
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return service, parse_qs(body.decode()).get("Action", [None])[0], body
    return service, None, None


def changes(environ, action):
    if action:
        return not READS.match(action)
    return environ["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS")


def refusal(environ, service, code, message):
    text = message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if environ.get("HTTP_X_AMZ_TARGET") or "json" in environ.get("CONTENT_TYPE", "") or service in ("eks", "lambda"):
        return "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message, "Message": message})
    told = f"<Code>{code}</Code><Message>{text}</Message>"
    if service == "ec2":
        body = f"<Response><Errors><Error>{told}</Error></Errors><RequestID>lab</RequestID></Response>"
    elif service == "s3":
        body = f"<Error>{told}<RequestId>lab</RequestId></Error>"
    else:
        error = f"<Error><Type>Sender</Type>{told}</Error>"
        body = f"<ErrorResponse>{error}<RequestId>lab</RequestId></ErrorResponse>"
    return "text/xml", f'<?xml version="1.0" encoding="UTF-8"?>{body}'
