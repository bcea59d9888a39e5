"""The endpoint of CloudWatch Logs for OpenTelemetry: JSON in, events of a stream that is there out."""

import gzip
import json
import re

from moto.core import DEFAULT_ACCOUNT_ID
from moto.logs.models import logs_backends

PATH = "/v1/logs"
SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/(?P<region>[^/]+)/logs/aws4_request")


def receive(environ):
    """Status and answer to a request, as AWS describes them."""
    signed = SIGNED.match(environ.get("HTTP_AUTHORIZATION", ""))
    if not signed:
        return "403 Forbidden", {"message": "the request is not signed for the service logs"}
    if environ.get("CONTENT_TYPE", "").split(";")[0] != "application/json":
        return "415 Unsupported Media Type", {"message": "the lab takes application/json alone"}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        body = gzip.decompress(body)
    if len(body) > 1_048_576:
        return "413 Content Too Large", {"message": f"{len(body)} bytes are more than 1 MB"}
    group, stream = environ.get("HTTP_X_AWS_LOG_GROUP"), environ.get("HTTP_X_AWS_LOG_STREAM")
    backend = logs_backends[DEFAULT_ACCOUNT_ID][signed["region"]]
    if group not in backend.groups or stream not in backend.groups[group].streams:
        return "400 Bad Request", {"message": f"there is no stream {stream} in a log group {group}"}
    events = [
        {
            "timestamp": int(record.get("timeUnixNano") or record["observedTimeUnixNano"]) // 1_000_000,
            "message": json.dumps(record | {"resource": one.get("resource", {})}),
        }
        for one in json.loads(body)["resourceLogs"]
        for scope in one["scopeLogs"]
        for record in scope["logRecords"]
    ]
    backend.put_log_events(group, stream, sorted(events, key=lambda event: event["timestamp"]))
    return "200 OK", {}
