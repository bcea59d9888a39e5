"""Images for nodes of EKS, by the SSM parameters that name them: of those that amis.json has."""

import datetime
import json
import pathlib
import re

from moto.ssm.models import Parameter, SimpleSystemManagerBackend

AMIS = json.loads(pathlib.Path(__file__).with_name("amis.json").read_text())
# What a parameter is called, and what the image's name begins with.
KINDS = {
    r"eks/optimized-ami/([0-9.]+)/amazon-linux-2023/(x86_64|arm64)/standard/recommended/image_id": (
        "amazon-eks-node-al2023-{1}-standard-{0}-v"
    ),
    r"bottlerocket/aws-k8s-([0-9.]+)/(x86_64|arm64)/latest/image_id": "bottlerocket-aws-k8s-{0}-{1}-v",
    r"canonical/ubuntu/eks/24\.04/([0-9.]+)/stable/current/(amd64|arm64)/hvm/ebs-gp3/ami-id": (
        "ubuntu-eks/k8s_{0}/images/hvm-ssd-gp3/ubuntu-noble-24.04-{1}-server-"
    ),
}


def apply():
    get = SimpleSystemManagerBackend.get_parameter

    def get_parameter(self, name):
        image = image_of(name)
        if not image:
            return get(self, name)
        made = datetime.datetime.fromisoformat(image["creation_date"])
        return Parameter(
            **{"account_id": "amazon", "name": name, "value": image["ami_id"], "parameter_type": "String"},
            **{"description": None, "allowed_pattern": None, "keyid": None, "last_modified_date": made},
            **{"version": 1, "data_type": "aws:ec2:image"},
        )

    SimpleSystemManagerBackend.get_parameter = get_parameter


def image_of(parameter):
    for pattern, name in KINDS.items():
        asked = re.fullmatch(f"/aws/service/{pattern}", parameter)
        if asked:
            start = name.format(*asked.groups())
            return next((image for image in AMIS if image["name"].startswith(start)), None)
    return None
