"""Writes constructs/facts/instance-types.json: what EC2's types have, as far as nodes of EKS care.

usage: instance_types.py INSTANCE_INFO DATE   nodeadm/internal/kubelet/instance-info.jsonl of awslabs/amazon-eks-ami, as of then

vCPUs, memory, architectures and hypervisors are of DescribeInstanceTypes, as moto ships its answers. So are network interfaces
and addresses, unless nodeadm says otherwise, since nodes go by that. Run it in the Python environment of the lab, with a newer
moto or a newer file.
"""

import importlib.metadata
import importlib.resources
import gzip
import json
import pathlib
import sys

TABLE = pathlib.Path(__file__).parents[2] / "constructs" / "facts" / "instance-types.json"
# Types that moto leaves out and nodeadm knows: vCPUs, MiB, architecture. Source: aws.amazon.com/ec2/instance-types, g4ad and dl1.
ALSO = {
    "dl1.24xlarge": (96, 786432, "x86_64"),
    "g4ad.xlarge": (4, 16384, "x86_64"),
    "g4ad.2xlarge": (8, 32768, "x86_64"),
    "g4ad.4xlarge": (16, 65536, "x86_64"),
    "g4ad.8xlarge": (32, 131072, "x86_64"),
    "g4ad.16xlarge": (64, 262144, "x86_64"),
}


def described():
    packed = importlib.resources.files("moto.ec2.resources").joinpath("instance_types.json.gz").read_bytes()
    for name, of in json.loads(gzip.decompress(packed)).items():
        network, processor = of["NetworkInfo"], of["ProcessorInfo"]
        card = network["NetworkCards"][network["DefaultNetworkCardIndex"]]
        architectures = [kind for kind in processor["SupportedArchitectures"] if kind in ("x86_64", "arm64")]
        # Nitro is what prefixes can be delegated to; bare metal of this kind has no hypervisor.
        nitro = of.get("Hypervisor") == "nitro" or (of["BareMetal"] and network["EnaSupport"] == "required")
        if architectures:
            yield name, (
                *(of["VCpuInfo"]["DefaultVCpus"], of["MemoryInfo"]["SizeInMiB"]),
                *(card["MaximumNetworkInterfaces"], network["Ipv4AddressesPerInterface"]),
                *(architectures[0], "nitro" if nitro else "xen"),
            )


def main(instance_info, date):
    interfaces = {}
    for line in pathlib.Path(instance_info).read_text().splitlines():
        of = json.loads(line)
        interfaces[of["instanceType"]] = (of["defaultMaxENIs"], of["ipv4AddressesPerInterface"])
    types = dict(described())
    for name, (vcpus, memory, architecture) in ALSO.items():
        types.setdefault(name, (vcpus, memory, *interfaces[name], architecture, "nitro"))
    for name, (enis, addresses) in interfaces.items():
        if name in types and types[name][2:4] != (enis, addresses):
            print(f"{name}: {types[name][2:4]} of EC2, {(enis, addresses)} of nodeadm, which counts", file=sys.stderr)
            types[name] = (*types[name][:2], enis, addresses, *types[name][4:])
    lines = [" ".join(map(str, (name, *types[name]))) for name in sorted(types)]
    table = {
        "source": f"EC2 DescribeInstanceTypes as of moto {importlib.metadata.version('moto')}; {pathlib.Path(instance_info).name} of awslabs/amazon-eks-ami as of {date}",
        "columns": "type vCPUs MiB networkInterfaces addressesPerInterface architecture hypervisor",
        "types": lines,
    }
    TABLE.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
