"""Calls the AWS API, for tests and for looking around. Run it as the operator.

usage: call.py SERVICE CALL [JSON]          one call, its answer on standard output
       call.py                              a call per line of standard input, ["ec2", "describe_vpcs", {}],
                                            an answer per line: {"answer": …} or {"error": code, "message": …}
"""

import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

clients = {}


def call(service, name, arguments):
    if service not in clients:
        clients[service] = boto3.client(service, config=Config(retries={"max_attempts": 0}))
    answer = getattr(clients[service], name)(**arguments)
    answer.pop("ResponseMetadata", None)
    return answer


def main(arguments):
    os.environ.setdefault("AWS_DEFAULT_REGION", os.environ.get("AWS_REGION", ""))
    if arguments:
        service, name, *rest = arguments
        print(json.dumps(call(service, name, json.loads(rest[0]) if rest else {}), default=str, indent=2))
        return
    for line in sys.stdin:
        try:
            answer = {"answer": call(*json.loads(line))}
        except ClientError as error:
            said = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            answer = {"error": said["Code"], "message": said["Message"], "status": status}
        except Exception as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
