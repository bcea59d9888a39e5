"""What the metadata service tells an instance about itself: a tree of names with texts as leaves."""

import base64
import json
import time

# As long as EC2 gives them; renewed after half of it.
SESSION_SECONDS = 6 * 3600


def tree_of(service, instance):
    document = identity(instance)
    return {"meta-data": metadata(service, instance), "dynamic": {"instance-identity": {"document": document}}}


def look_up(tree, path):
    """A leaf's text, or a folder's listing with a slash behind each folder."""
    node = tree
    for part in [p for p in path.split("/") if p]:
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    if not isinstance(node, dict):
        return node
    if isinstance(node, Keys):
        return node.listing
    return "\n".join(name + ("/" if isinstance(child, dict) else "") for name, child in node.items())


class Keys(dict):
    """The one folder whose listing also names what lies in it."""

    def __init__(self, name, key):
        super().__init__({"0": {"openssh-key": key}})
        self.listing = f"0={name}"


def user_data(account, instance):
    value = account.ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"].get("Value")
    return base64.b64decode(value) if value else b""


def identity(instance):
    return json.dumps(
        {
            "accountId": owner(instance),
            "architecture": instance.get("Architecture", "x86_64"),
            "availabilityZone": instance["Placement"]["AvailabilityZone"],
            "imageId": instance["ImageId"],
            "instanceId": instance["InstanceId"],
            "instanceType": instance["InstanceType"],
            "privateIp": instance["PrivateIpAddress"],
            "region": region(instance),
            "version": "2017-09-30",
        },
        indent=2,
    )


def owner(instance):
    return instance["NetworkInterfaces"][0]["OwnerId"]


def region(instance):
    return instance["Placement"]["AvailabilityZone"][:-1]


def metadata(service, instance):
    zone = instance["Placement"]["AvailabilityZone"]
    private = instance["PrivateIpAddress"]
    host = instance["PrivateDnsName"]
    groups = "\n".join(group["GroupName"] for group in instance["SecurityGroups"])
    tree = {
        "ami-id": instance["ImageId"],
        "ami-launch-index": str(instance.get("AmiLaunchIndex", 0)),
        "hostname": host,
        "instance-action": "none",
        "instance-id": instance["InstanceId"],
        "instance-life-cycle": "on-demand",
        "instance-type": instance["InstanceType"],
        "local-hostname": host,
        "local-ipv4": private,
        "mac": instance["NetworkInterfaces"][0]["MacAddress"],
        "network": {
            "interfaces": {"macs": {i["MacAddress"]: interface(service, i) for i in instance["NetworkInterfaces"]}}
        },
        "placement": {
            "availability-zone": zone,
            "region": region(instance),
        },
        "reservation-id": "r-" + instance["InstanceId"][2:],
        "security-groups": groups,
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if instance.get("PublicIpAddress"):
        tree["public-ipv4"] = instance["PublicIpAddress"]
        tree["public-hostname"] = instance.get("PublicDnsName", "")
    key = public_key(service, instance.get("KeyName"))
    if key:
        tree["public-keys"] = Keys(instance["KeyName"], key)
    profile = (instance.get("IamInstanceProfile") or {}).get("Arn")
    if profile:
        tree["iam"] = roles(service, instance["InstanceId"], profile)
    if instance.get("MetadataOptions", {}).get("InstanceMetadataTags") == "enabled":
        tree["tags"] = {"instance": {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}}
    return tree


def interface(service, row):
    subnets = {s["SubnetId"]: s for s in service.parts["subnets"]}
    vpcs = {v["VpcId"]: v for v in service.parts["vpcs"]}
    public = (row.get("Association") or {}).get("PublicIp")
    tree = {
        "device-number": str(row["Attachment"]["DeviceIndex"]),
        "interface-id": row["NetworkInterfaceId"],
        "local-ipv4s": "\n".join(a["PrivateIpAddress"] for a in row["PrivateIpAddresses"]),
        "mac": row["MacAddress"],
        "owner-id": row["OwnerId"],
        "security-group-ids": "\n".join(g["GroupId"] for g in row["Groups"]),
        "security-groups": "\n".join(g["GroupName"] for g in row["Groups"]),
        "subnet-id": row["SubnetId"],
        "subnet-ipv4-cidr-block": subnets[row["SubnetId"]]["CidrBlock"],
        "vpc-id": row["VpcId"],
        "vpc-ipv4-cidr-block": vpcs[row["VpcId"]]["CidrBlock"],
        "vpc-ipv4-cidr-blocks": "\n".join(a["CidrBlock"] for a in vpcs[row["VpcId"]]["CidrBlockAssociationSet"]),
    }
    if public:
        tree["public-ipv4s"] = public
    return tree


def public_key(service, name):
    if not name:
        return None
    keys = service.account.ec2.describe_key_pairs(KeyNames=[name], IncludePublicKey=True)["KeyPairs"]
    return keys[0].get("PublicKey", "").strip() + "\n" if keys else None


def roles(service, instance, profile):
    """Credentials of the role in the instance's profile, for sessions that are named as on EC2: by the instance."""
    known = service.credentials.get((instance, profile))
    if not known or known[0] < time.time():
        known = (time.time() + SESSION_SECONDS / 2, session(service, instance, profile))
        service.credentials[(instance, profile)] = known
    return known[1]


def session(service, instance, profile):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    found = service.account.iam.get_instance_profile(InstanceProfileName=profile.rsplit("/", 1)[1])["InstanceProfile"]
    information = {
        "Code": "Success",
        "LastUpdated": stamp,
        "InstanceProfileArn": profile,
        "InstanceProfileId": found["InstanceProfileId"],
    }
    tree = {"info": json.dumps(information), "security-credentials": {}}
    for role in found["Roles"]:
        given = service.account.sts.assume_role(
            RoleArn=role["Arn"], RoleSessionName=instance, DurationSeconds=SESSION_SECONDS
        )["Credentials"]
        credentials = {
            "Code": "Success",
            "LastUpdated": stamp,
            "Type": "AWS-HMAC",
            "AccessKeyId": given["AccessKeyId"],
            "SecretAccessKey": given["SecretAccessKey"],
            "Token": given["SessionToken"],
            "Expiration": given["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        tree["security-credentials"][role["RoleName"]] = json.dumps(credentials)
    return tree
