"""The images that EKS publishes, by the SSM parameters that name them: of those that amis.json has."""

import datetime
import json
import pathlib
import re

from moto.ssm.models import Parameter, SimpleSystemManagerBackend

AMIS = json.loads(pathlib.Path(__file__).with_name("amis.json").read_text())
PARAMETER = re.compile(
    r"/aws/service/eks/optimized-ami/(?P<minor>[0-9.]+)/amazon-linux-2023/(?P<architecture>x86_64|arm64)/standard"
    r"/recommended/image_id"
)


def apply():
    get = SimpleSystemManagerBackend.get_parameter

    def get_parameter(self, name):
        asked = PARAMETER.fullmatch(name)
        image = asked and image_of(**asked.groupdict())
        if not image:
            return get(self, name)
        made = datetime.datetime.fromisoformat(image["creation_date"])
        return Parameter(
            **{"account_id": "amazon", "name": name, "value": image["ami_id"], "parameter_type": "String"},
            **{"description": None, "allowed_pattern": None, "keyid": None, "last_modified_date": made},
            **{"version": 1, "data_type": "aws:ec2:image"},
        )

    SimpleSystemManagerBackend.get_parameter = get_parameter


def image_of(minor, architecture):
    name = f"amazon-eks-node-al2023-{architecture}-standard-{minor}-v"
    return next((image for image in AMIS if image["name"].startswith(name)), None)
