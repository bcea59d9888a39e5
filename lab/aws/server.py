"""The AWS API of the lab: moto, with what the AWS provider reads back and moto does not say.

usage: server.py ADDRESS PORT MACHINES [CERTIFICATES REGION]    with a folder for certificates also AWS's own names, on 443
"""

import os
import pathlib
import sys
import threading

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
import eks_control_planes
import eks_images
import eks_managed_nodes
import eks_node_groups
import eks_pod_identities
import instance_connect
import instances
import interfaces
import launches
import load_balancers
import nat_gateways
import otlp_logs
import pull_through
import readback
import registry
import security_groups
import sts
import tls
import vpc_endpoints
from gate import Gate
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

PARTS = (
    *(addresses, instance_connect, instances, interfaces, launches, load_balancers, nat_gateways, pull_through),
    *(readback, security_groups, sts, vpc_endpoints),
    *(eks_access_entries, eks_addons, eks_clusters, eks_images, eks_node_groups, eks_pod_identities),
    # What they make gets a control plane and machines.
    *(eks_control_planes, eks_managed_nodes),
)


class QuietHandler(MotoRequestHandler):
    def log_request(self, code="-", size="-"):
        pass  # the gate tells of calls that were refused, and why


def main(address, port, machines, certificates=None, region=None, mirror=None):
    eks_control_planes.run_by_a_lab = bool(certificates)
    for part in PARTS:
        part.apply()
    instances.show_consoles(machines)
    gate = Gate(
        DomainDispatcherApplication(create_backend_app),
        {"/lab/health": load_balancers.tell, "/lab/control-planes": eks_control_planes.tell},
        {"/lab/control-planes": eks_control_planes.describe},
        instances.reboots,
        {otlp_logs.PATH: otlp_logs.receive},
    )
    if certificates:
        context = tls.server_context(certificates, region)
        named = registry.Registry(gate, mirror)
        secure = make_server(address, 443, named, threaded=True, request_handler=QuietHandler, ssl_context=context)
        threading.Thread(target=secure.serve_forever, daemon=True).start()
    make_server(address, int(port), gate, threaded=True, request_handler=QuietHandler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
