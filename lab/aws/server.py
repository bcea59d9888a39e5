"""The AWS API of the lab: moto, with what the AWS provider reads back and moto does not say.

usage: server.py ADDRESS PORT MACHINES
"""

import os
import pathlib
import sys

os.environ.update(
    MOTO_AMIS_PATH=str(pathlib.Path(__file__).with_name("amis.json")),
    # What AWS refuses is refused.
    MOTO_ENABLE_AMI_VALIDATION="true",
    MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION="true",
    MOTO_ENABLE_KEYPAIR_VALIDATION="true",
    # Without them no arn:aws:iam::aws:policy/… can be attached.
    MOTO_IAM_LOAD_MANAGED_POLICIES="true",
)

import addresses
import eks_access_entries
import eks_addons
import eks_clusters
import eks_images
import eks_node_groups
import eks_pod_identities
import instance_connect
import instances
import interfaces
import load_balancers
import nat_gateways
import readback
import security_groups
from gate import Gate
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

PARTS = (
    *(addresses, instance_connect, instances, interfaces, load_balancers, nat_gateways, readback, security_groups),
    *(eks_access_entries, eks_addons, eks_clusters, eks_images, eks_node_groups, eks_pod_identities),
)


class QuietHandler(MotoRequestHandler):
    def log_request(self, code="-", size="-"):
        pass  # the gate tells of calls that were refused, and why


def main(address, port, machines):
    for part in PARTS:
        part.apply()
    instances.show_consoles(machines)
    gate = Gate(DomainDispatcherApplication(create_backend_app), instances.reboots, load_balancers.tell)
    make_server(address, int(port), gate, threaded=True, request_handler=QuietHandler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
