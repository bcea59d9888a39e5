"""Who asks: GetCallerIdentity by a presigned URL, as EKS's tokens are, with its signature checked as AWS does."""

import datetime
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

from moto.core.responses import ActionResult, BaseResponse
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.sts.exceptions import STSClientError
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

# The operator of the lab, whom it gives this key and this secret.
OPERATOR_KEY = "lab"
OPERATOR_SECRET = "lab"
OLDEST_SECONDS = 15 * 60


def apply():
    scope_in_query()
    json_where_asked_for()
    checked_identity()


def scope_of(query):
    """key, day, region, service, and the word that ends it."""
    scope = query.get("X-Amz-Credential", "").split("/")
    return scope if len(scope) == 5 else None


def scope_in_query():
    """moto looks for service and caller in a header, which a presigned URL has not; it would take S3 for the one asked."""
    infer = DomainDispatcherApplication.infer_service_region_host
    key_of_header = BaseResponse.get_access_key

    def infer_service_region_host(self, environ, path):
        scope = scope_of(dict(parse_qsl(environ.get("QUERY_STRING", ""))))
        if scope and not environ.get("HTTP_AUTHORIZATION"):
            return f"{scope[3]}.{scope[2]}.amazonaws.com"
        return infer(self, environ, path)

    def get_access_key(self):
        scope = scope_of({name: values[0] for name, values in (self.querystring or {}).items() if values})
        return scope[0] if scope and "Authorization" not in self.headers else key_of_header(self)

    DomainDispatcherApplication.infer_service_region_host = infer_service_region_host
    BaseResponse.get_access_key = get_access_key


def json_where_asked_for():
    asked = TokenResponse.request_json.fget
    TokenResponse.request_json = property(lambda self: asked(self) or "json" in self.headers.get("Accept", ""))


def checked_identity():
    plain = TokenResponse.get_caller_identity

    def get_caller_identity(self):
        query = {name: values[0] for name, values in self.querystring.items()}
        if "X-Amz-Signature" in query:
            check(self, query)
        if key_of(self) == OPERATOR_KEY:
            # moto takes an unknown key for a session of nobody, which no software accepts as an identity.
            arn = operator_arn(self.partition, self.current_account)
            return ActionResult({"UserId": "AIDALABOPERATOR", "Account": self.current_account, "Arn": arn})
        return plain(self)

    TokenResponse.get_caller_identity = get_caller_identity


def operator_arn(partition, account):
    return f"arn:{partition}:iam::{account}:user/operator"


def key_of(call):
    """moto sees keys of twenty letters only."""
    signed = re.search(r"Credential=([^/]+)/", call.headers.get("Authorization", ""))
    return signed.group(1) if signed else call.get_access_key()


def identity(call):
    """ARN of the user or role who makes a call; of a session its role's."""
    key = key_of(call)
    session = sts_backends[call.current_account][call.partition].get_assumed_role_from_access_key(key)
    if session:
        return session.role_arn
    for user in iam_backends[call.current_account][call.partition].users.values():
        if any(access.access_key_id == key for access in user.access_keys):
            return user.arn
    return operator_arn(call.partition, call.current_account)


def secret_of(call, key):
    """secret, session token, end of its life."""
    if key == OPERATOR_KEY:
        return OPERATOR_SECRET, "", None
    session = sts_backends[call.current_account][call.partition].get_assumed_role_from_access_key(key)
    if session:
        return session.secret_access_key, session.session_token, session.expiration
    for user in iam_backends[call.current_account][call.partition].users.values():
        for access in user.access_keys:
            if access.access_key_id == key:
                return access.secret_access_key, "", None
    raise STSClientError("InvalidClientTokenId", "The security token included in the request is invalid.")


def check(call, query):
    key, day, region, service, _ = scope_of(query)
    secret, token, end = secret_of(call, key)
    if token != query.get("X-Amz-Security-Token", ""):
        raise STSClientError("InvalidClientTokenId", "The security token included in the request is invalid.")
    now = datetime.datetime.now(datetime.timezone.utc)
    if end and end.replace(tzinfo=datetime.timezone.utc) < now:
        raise STSClientError("ExpiredToken", "The security token included in the request is expired")
    made = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if abs((now - made).total_seconds()) > OLDEST_SECONDS:
        raise STSClientError("SignatureDoesNotMatch", "Signature expired")
    if signature(call, query, secret, day, region, service) != query["X-Amz-Signature"]:
        said = "The request signature we calculated does not match the signature you provided."
        raise STSClientError("SignatureDoesNotMatch", said)


def signature(call, query, secret, day, region, service):
    """Version 4, of the query and the headers that were signed: the cluster's name is one of them."""
    raw = dict(parse_qsl(call.uri.split("?", 1)[1], keep_blank_values=True)) if "?" in call.uri else query
    pairs = sorted((name, value) for name, value in raw.items() if name != "X-Amz-Signature")
    names = query["X-Amz-SignedHeaders"].split(";")
    request = [
        *("GET", "/", "&".join(f"{escaped(name)}={escaped(value)}" for name, value in pairs)),
        *("".join(f"{name}:{(call.headers.get(name) or '').strip()}\n" for name in names), ";".join(names)),
        hashlib.sha256(b"").hexdigest(),
    ]
    scope = f"{day}/{region}/{service}/aws4_request"
    digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, digest])
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def escaped(text):
    return quote(text, safe="-_.~")
