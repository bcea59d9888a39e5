"""As much of the AWS CLI as the scripts use: aws SERVICE OPERATION --option value… --query … --output text"""

import os
import sys

import boto3
import jmespath
from botocore.exceptions import ClientError

service, operation, *words = sys.argv[1:]
options = {}
for word in words:
    if word.startswith("--"):
        options[word[2:]] = current = []
    else:
        current.append(word)
query, form = options.pop("query")[0], options.pop("output")[0]
if form != "text":
    sys.exit(f"the stand-in knows no --output {form}")


def shorthand(word):
    """Name=…,Values=…"""
    name, values = word.removeprefix("Name=").split(",Values=")
    return {"Name": name, "Values": values.split(",")}


def given(client, call, name, values):
    """By the service's own model: its spelling, and whether it is a list."""
    members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[call]).input_shape.members
    member = next(one for one in members if one.lower() == name.replace("-", ""))
    if members[member].type_name != "list":
        return member, values[0]
    return member, [shorthand(word) if "Values=" in word else word for word in values]


def text(answer):
    """Rows in lines, columns by tabs."""
    if not isinstance(answer, list):
        return [str(answer)]
    if any(isinstance(row, list) for row in answer):
        return [line for row in answer for line in text(row)]
    return ["\t".join(str(column) for column in answer)] if answer else []


client, call = boto3.client(service, region_name=os.environ["AWS_REGION"]), operation.replace("-", "_")
try:
    answer = getattr(client, call)(**dict(given(client, call, name, values) for name, values in options.items()))
except ClientError as error:
    sys.exit(f"\nAn error occurred ({error.response['Error']['Code']}) when calling {operation}: {error}")
print("\n".join(text(jmespath.search(query, answer))))
